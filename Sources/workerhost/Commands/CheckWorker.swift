import ArgumentParser
import Foundation
import WorkerHostCore

/// `workerhost check-worker`
struct CheckWorker: HostCommand {
    static let configuration = CommandConfiguration(
        commandName: "check-worker",
        abstract: "Try whether a worker, in any language, keeps to the protocol and takes faults in good part.",
        discussion: """
            The worker is started as a host would start it, and is sent a valid task, broken ones, 10 MiB of params, \
            SIGTERM in the middle, the end of its input, and more. One line for each check, and under each failure or \
            warning what to do. Its code really runs, some 20 times: what it does is done each time. Give it a task \
            that may be repeated. No queue is opened and no host is needed.

              workerhost check-worker hello --params '{"name":"Ada"}'
              workerhost check-worker hello --type Hello.Greet --params @params.json --strict
              workerhost check-worker hello --only sigterm --only end-of-input
              workerhost check-worker hello --json | jq '.checks[] | select(.status == "failed")'
              workerhost check-worker --list

            Without --params, those that the worker's schema requires are made up if that is simple, else {} is sent. A \
            task that the worker refuses with a well-formed failure is answered well: its work is not judged.

            Exit codes: 0 all passed, warnings allowed; 1 a check failed, with --strict also if one warned; 2 wrong \
            usage or configuration; 130 and 143 ended by Ctrl-C or SIGTERM.
            """)

    @OptionGroup var global: GlobalOptions

    @Argument(help: "The worker's name in the configuration.", completion: .workerNames)
    var name: String?

    @Option(
        help: "The type of the tasks (default: the first of the worker's task_types).", completion: .taskTypes)
    var type: String?

    @Option(help: ArgumentHelp("The parameters: a JSON object, @FILE, or - for standard input.", valueName: "json"))
    var params: String?

    @Option(help: ArgumentHelp("How long a check may take: 30, 250ms, 5m.", valueName: "time"))
    var timeout = "30s"

    @Option(
        help: ArgumentHelp("Make this check and no other; may be given several times.", valueName: "check"),
        completion: .list(WorkerConformance.checks.map(\.name)))
    var only: [String] = []

    @Option(
        help: ArgumentHelp("Leave this check out; may be given several times.", valueName: "check"),
        completion: .list(WorkerConformance.checks.map(\.name)))
    var skip: [String] = []

    @Flag(help: "List the checks and run nothing.")
    var list = false

    @Flag(help: "Take warnings for failures.")
    var strict = false

    @Flag(help: "Print one JSON object at the end.")
    var json = false

    func validate() throws {
        if name == nil, !list { throw ValidationError("Name the worker to check, or --list the checks.") }
    }

    @MainActor
    func execute() async throws {
        if list { return try showList() }
        try checkNames(only + skip)
        let conformance = try conformance()
        let watched = await TrialSignals.watch { signal, count in
            Talk.shared.line(
                "workerhost: \(signal): \(count == 1 ? "ending the worker. Once more kills it now." : "killing it.")")
            conformance.stop(hurry: count > 1)
        }
        let findings = try await run(conformance, watched)
        if let code = watched.exitCode { throw CommandFailure(code) }
        if findings.contains(where: { isFailure($0.status) }) { throw CommandFailure(.failed) }
    }

    private func isFailure(_ status: ConformanceFinding.Status) -> Bool {
        status == .failed || (strict && status == .warning)
    }

    // MARK: - What is to be done

    private func checkNames(_ names: [String]) throws(CommandFailure) {
        let known = WorkerConformance.checks.map(\.name)
        for name in names where !known.contains(name) {
            let near = NearestMatch.find(name, in: known).map { "; did you mean '\($0)'?" } ?? "."
            throw CommandFailure(
                .usage, "There is no check '\(PlainText.singleLine(name))'\(near) --list names them all.")
        }
        if !only.isEmpty, Set(only).isSubset(of: skip) {
            throw CommandFailure(.usage, "--only and --skip leave no check.")
        }
    }

    private func conformance() throws(CommandFailure) -> WorkerConformance {
        guard let limit = DelayText.parse(timeout), limit > .zero else {
            throw CommandFailure(
                .usage, "--timeout '\(PlainText.singleLine(timeout))' is not \(DelayText.expectation).")
        }
        let choice = try WorkerChoice(global.load().configuration.workers)
        let name = name ?? ""
        let worker: WorkerConfiguration
        if let type {
            worker = try choice.worker(for: type, named: name)
        } else {
            worker = try choice.worker(named: name)
        }
        var given: RawJSON?
        if let params { given = try ParamsInput.read(params) }
        let task = ConformanceTask(for: worker, type: type, params: given)
        if task.source == .given {
            try ParamsCheck.run(task.params, worker, consequence: ", so that no host would give it such a task")
        }
        do throws(SystemError) {
            return try WorkerConformance(
                worker, task: task, environment: ProcessInfo.processInfo.environment, timeout: limit)
        } catch {
            throw CommandFailure(.failed, "\(error).")
        }
    }

    // MARK: - Doing and showing it

    @MainActor
    private func run(
        _ conformance: WorkerConformance, _ signals: TrialSignals
    ) async throws -> [ConformanceFinding] {
        let output = StandardOutput()
        var report = ConformanceReport(
            conformance, expected: conformance.expectedTasks(only: Set(only), skipping: Set(skip)), isStrict: strict)
        if !json { try show(report.head(.output), output) }
        let (stream, events) = AsyncStream.makeStream(of: ConformanceFinding.self)
        let (only, skip) = (Set(only), Set(skip))
        let running = Task {
            defer { events.finish() }
            return try await conformance.run(only: only, skipping: skip) { events.yield($0) }
        }
        do {
            for await finding in stream {
                report.add(finding)
                if !json { try show(report.lines(finding, .output), output) }
                // Nobody reads any more: the worker must not go on unseen.
                if output.isClosed { conformance.stop(hurry: true) }
            }
            _ = try await running.value
        } catch {
            conformance.stop(hurry: true)
            _ = await running.result
            if let system = error as? SystemError { throw CommandFailure(.failed, "\(system).") }
            throw error
        }
        let isComplete = signals.exitCode == nil
        if json {
            try output.write(report.json(isComplete: isComplete))
            try output.line("")
            try output.flush()
        } else {
            try show(["", report.summary(isComplete: isComplete)], output)
        }
        return report.findings
    }

    @MainActor
    private func show(_ lines: [String], _ output: StandardOutput) throws {
        for line in lines { try output.line(line) }
        try output.flush()
    }

    @MainActor
    private func showList() throws {
        let checks = WorkerConformance.checks
        let width = checks.map(\.name.count).max() ?? 0
        try StandardOutput().report(
            asJSON: json,
            json: {
                let items = checks.map { check in
                    var object = JSONObjectText()
                    object.text("name", check.name)
                    object.text("summary", check.summary)
                    return object.finished
                }
                return [0x5B] + Array(items.joined(separator: [0x2C])) + [0x5D]
            },
            lines: { _ in
                checks.map { $0.name + String(repeating: " ", count: width + 2 - $0.name.count) + $0.summary }
            })
    }
}
