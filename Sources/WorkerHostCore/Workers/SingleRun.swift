/// Runs one task in its worker, now and without a queue, exactly as a host would: the same command line, directory,
/// environment, limits, deadlines and judgement.
///
/// The processes carry no host's mark, so no host takes them for leftovers of another one. For one run.
public final class SingleRun: Sendable {
    /// What happens while the attempt runs, in its order.
    public enum Event: Sendable {
        /// The process was started.
        case started(pid: Int32)
        /// It wrote lines to standard error.
        case errorLines([String])
        /// The first byte on standard output came, so long after the start.
        case outputBegan(after: Duration)
        /// The host did something to it, or saw something odd.
        case incident(Incident)
    }

    private let configuration: WorkerConfiguration
    private let launcher: Launcher
    private let directory: AttemptDirectory
    private let timeout: Duration?
    private let wake: WakeDescriptor
    private let requested = Guarded<StopRequest?>(nil)

    /// A run.
    /// - Parameters:
    ///   - environment: the variables from which the fixed allow-list is taken.
    ///   - directory: where the `TMPDIR` lies; the caller removes it.
    ///   - timeout: the longest the attempt may run; nil takes what a host would: the worker's timeout, or what is left
    ///     until the task's own deadline.
    /// - Throws: ``SystemError`` when no descriptor is left.
    public init(
        _ configuration: WorkerConfiguration, environment: [String: String], directory: AttemptDirectory,
        timeout: Duration? = nil
    ) throws(SystemError) {
        self.configuration = configuration
        self.directory = directory
        self.timeout = timeout
        launcher = Launcher(configuration, hostEnvironment: environment, hostMark: "")
        wake = try WakeDescriptor()
    }

    /// What a worker reads of a task: one JSON document and a line end.
    public static func input(for task: WorkerTask) -> [UInt8] { TaskEnvelope.encode(task) }

    /// Runs the task to its end, on a thread of its own.
    /// - Parameter onEvent: called on that thread; must return soon.
    /// - Throws: ``SystemError`` when the kernel gives no thread. A worker that cannot be started is an outcome.
    public func run(
        _ task: WorkerTask, onEvent: @escaping @Sendable (Event) -> Void = { _ in }
    ) async throws(SystemError) -> AttemptTranscript {
        let answer = await withCheckedContinuation { continuation in
            do throws(SystemError) {
                _ = try DedicatedThread(name: "run \(configuration.name)") {
                    continuation.resume(
                        returning: Result<AttemptTranscript, SystemError>.success(self.attempt(task, onEvent)))
                }
            } catch {
                continuation.resume(returning: .failure(error))
            }
        }
        return try answer.get()
    }

    /// Ends the attempt as a host does that stops: SIGTERM to the process group, SIGKILL after the worker's grace.
    /// - Parameter hurry: SIGKILL at once.
    public func stop(hurry: Bool) {
        requested.withLock { $0 = StopRequest(reason: .shutdown, hurry: hurry || $0?.hurry == true) }
        wake.wake()
    }

    private func attempt(_ task: WorkerTask, _ onEvent: @escaping @Sendable (Event) -> Void) -> AttemptTranscript {
        let equipment = OneshotAttempt.Equipment(wake: wake)
        defer { equipment.deallocate() }
        let sampler = PeakMemorySampler()
        let start = MonotonicTime.now
        var firstByte: Duration?
        var hooks = AttemptHooks()
        hooks.started = { onEvent(.started(pid: $0)) }
        hooks.errorLines = { onEvent(.errorLines($1)) }
        hooks.incident = { onEvent(.incident($0)) }
        hooks.outputBegan = { pid in
            let after = start.duration(to: .now)
            firstByte = after
            // Most workers end right after their reply: this is the last good moment to look.
            sampler.lookNow(pid)
            onEvent(.outputBegan(after: after))
        }
        hooks.look = (PeakMemorySampler.interval, sampler.look)
        let attempt = OneshotAttempt(configuration: configuration, launcher: launcher, timeout: timeout)
        let program = launcher.program
        let (outcome, end, _) = attempt.run(
            LeasedTask(task: task, lease: Lease(token: "exec")),
            temporary: launcher.setsOwnTemporaryDirectory ? nil : directory.temporary, equipment: equipment,
            hooks: hooks
        ) { self.requested.withLock { $0 } }
        let exact = outcome.record.usage?.peakMemory
        return AttemptTranscript(
            commandLine: configuration.commandLine, program: program, directory: configuration.projectPath,
            environmentNames: launcher.environmentNames(for: task),
            timeout: timeout
                ?? OneshotAttempt.limit(of: configuration, for: task, from: outcome.record.startedAt ?? .now).duration,
            input: TaskEnvelope.encode(task), output: end?.output ?? [], outputCount: end?.outputCount ?? 0,
            reply: end.flatMap { end in end.reply.map { Array(end.output[$0]) } }, strayLines: end?.strayLines ?? [],
            standardErrorTail: end?.standardErrorTail, ending: Self.ending(end, outcome),
            stopReason: end.flatMap { Self.stopReason($0.ended) }, wallTime: start.duration(to: .now),
            timeToFirstByte: firstByte,
            peakMemory: exact.map { .init(bytes: $0, source: .kernel) }
                ?? sampler.bytes.map { .init(bytes: $0, source: .sampled) },
            outcome: outcome)
    }

    private static func ending(_ end: OneshotRun.End?, _ outcome: AttemptOutcome) -> ProcessEnding {
        if let end { return ProcessEnding(end.ended) }
        guard case .failure(let failure) = outcome.result else { return .notStarted(reason: "it was not started") }
        return .notStarted(reason: failure.message)
    }

    private static func stopReason(_ ended: Ended) -> StopReason? {
        switch ended {
        case .stopped(let reason, _), .unkillable(let reason): reason
        case .exited, .signaled, .unknown, .notStarted: nil
        }
    }
}
