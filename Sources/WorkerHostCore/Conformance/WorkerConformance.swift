/// Checks that a worker, in whatever language, keeps to the wire protocol, and that it takes what goes wrong in good part.
///
/// The worker's processes are started as a host starts them: the same command line, directory, environment and limits.
/// **Its code really runs**, about as often as ``expectedTasks(only:skipping:)`` says.
///
/// ```swift
/// let conformance = try WorkerConformance(worker, environment: ProcessInfo.processInfo.environment)
/// for finding in try await conformance.run() where finding.status == .failed { print(finding.message) }
/// ```
/// Every check has a deadline, and nothing is left running. A worker with `mode: fork` is tried as oneshot, whose rules
/// its children follow. For one run.
public final class WorkerConformance: Sendable {
    /// What a check looks at.
    public struct Description: Sendable, Hashable {
        /// For programs: `valid-task`.
        public let name: String
        /// For people.
        public let summary: String
    }

    /// All checks, in their order.
    public static let checks = ConformanceChecks.all.map { Description(name: $0.name, summary: $0.summary) }

    /// The task that is sent.
    public let task: ConformanceTask
    private let subject: ConformanceSubject
    private let environment: [String: String]
    private let timeout: Duration
    private let control: ConformanceControl

    /// - Parameters:
    ///   - worker: whom to check.
    ///   - task: what to send; nil takes what ``ConformanceTask/init(for:type:params:)`` makes.
    ///   - environment: the variables from which the fixed allow-list is taken; all of them tell what the list lacks.
    ///   - timeout: how long a check may take.
    /// - Throws: ``SystemError`` when no descriptor is left.
    public init(
        _ worker: WorkerConfiguration, task: ConformanceTask? = nil, environment: [String: String],
        timeout: Duration = .seconds(30)
    ) throws(SystemError) {
        self.task = task ?? ConformanceTask(for: worker)
        subject = ConformanceSubject(worker, task: self.task)
        self.environment = environment
        self.timeout = timeout
        control = try ConformanceControl()
    }

    /// Whom it checks.
    public var worker: WorkerConfiguration { subject.configuration }

    /// How the worker is served: `fork` as oneshot.
    public var mode: WorkerConfiguration.Mode { subject.mode }

    /// About how many tasks the worker is given, half ones and broken ones among them.
    public func expectedTasks(only: Set<String> = [], skipping: Set<String> = []) -> Int {
        let checks = Self.chosen(only, skipping).filter { $0.reasonToSkip(subject) == nil }
        let valid = checks.contains { $0 is ValidTaskCheck } || checks.isEmpty ? 0 : 1
        return checks.reduce(valid) { $0 + $1.tasks(subject) }
    }

    /// Makes the checks, one after another.
    /// - Parameters:
    ///   - only: names of checks; empty means all.
    ///   - skipping: names of checks that are left out.
    ///   - onFinding: called on another thread after each; must return soon.
    /// - Returns: what was found, without the checks that were not chosen.
    /// - Throws: ``SystemError`` when the kernel gives no thread or no directory can be made.
    @discardableResult
    public func run(
        only: Set<String> = [], skipping: Set<String> = [],
        onFinding: @escaping @Sendable (ConformanceFinding) -> Void = { _ in }
    ) async throws(SystemError) -> [ConformanceFinding] {
        let checks = Self.chosen(only, skipping)
        let answer = await withCheckedContinuation {
            (continuation: CheckedContinuation<Result<[ConformanceFinding], SystemError>, Never>) in
            do throws(SystemError) {
                // Reading nested replies is the deepest thing that happens here.
                _ = try DedicatedThread(name: "check \(subject.configuration.name)", stackSize: 8 << 20) {
                    continuation.resume(returning: self.work(checks, onFinding))
                }
            } catch {
                continuation.resume(returning: .failure(error))
            }
        }
        return try answer.get()
    }

    /// Ends the check that runs and makes no more: SIGTERM to the worker, SIGKILL after its grace.
    /// - Parameter hurry: SIGKILL at once.
    public func stop(hurry: Bool) { control.stop(hurry: hurry) }

    private static func chosen(_ only: Set<String>, _ skipping: Set<String>) -> [any ConformanceCheck] {
        ConformanceChecks.all.filter { (only.isEmpty || only.contains($0.name)) && !skipping.contains($0.name) }
    }

    private func work(
        _ checks: [any ConformanceCheck], _ onFinding: (ConformanceFinding) -> Void
    ) -> Result<[ConformanceFinding], SystemError> {
        let directory: AttemptDirectory
        do throws(SystemError) {
            directory = try AttemptDirectory(environment: environment)
        } catch {
            return .failure(error)
        }
        defer { directory.remove() }
        let bench = ConformanceBench(
            subject, environment: environment, timeout: timeout, control: control, directory: directory)
        var findings: [ConformanceFinding] = []
        for check in checks {
            let finding = make(check, on: bench)
            // What was cut short says nothing.
            if control.isStopped { break }
            findings.append(finding)
            onFinding(finding)
        }
        return .success(findings)
    }

    private func make(_ check: any ConformanceCheck, on bench: ConformanceBench) -> ConformanceFinding {
        let start = MonotonicTime.now
        bench.given = 0
        bench.deadline = start.advanced(by: timeout)
        let verdict: ConformanceVerdict
        if let reason = check.reasonToSkip(subject) {
            verdict = .skipped(reason)
        } else if check.needsAnswer, let reason = bench.dead {
            verdict = .skipped(reason)
        } else if check.needsSecondTask, subject.isPool, bench.pair.second == nil {
            verdict = .skipped("one process serves one task only (two-tasks)")
        } else {
            // The valid task may have been made just now, on behalf of this check.
            bench.deadline = MonotonicTime.now.advanced(by: timeout)
            verdict = check.run(on: bench)
        }
        return ConformanceFinding(
            check: check.name, status: verdict.status, message: verdict.message, advice: verdict.advice,
            facts: verdict.facts, tasks: bench.given, duration: start.duration(to: .now))
    }
}
