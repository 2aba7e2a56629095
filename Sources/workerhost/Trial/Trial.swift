import Foundation
import WorkerHostCore

/// One task that is run in its worker now: `exec` and `replay`.
@MainActor
struct Trial {
    let options: TrialOptions
    let task: WorkerTask
    /// As the configuration has it.
    let worker: WorkerConfiguration
    /// The time that the attempt gets unless `--timeout` says otherwise; nil for what a host would give it now.
    var timeout: Duration?
    /// What is to be known before it starts.
    var notes: [String] = []
    /// What it is compared with.
    var stored: StoredAttempt?

    /// Runs the task and shows everything.
    /// - Throws: ``CommandFailure`` with exit code 1 if the task failed.
    func run() async throws {
        try checkParams()
        let debugger = try options.workerDebugger()
        let takesTerminal = try options.takesTerminal(debugger)
        let limit = try options.timeLimit()
        guard !takesTerminal || limit == nil else {
            throw CommandFailure(
                .usage,
                "--timeout does not hold where the debugger has the terminal: leave it out, or add --no-interactive.")
        }
        let environment = ProcessInfo.processInfo.environment
        let directory = try made { () throws(SystemError) in try AttemptDirectory(environment: environment) }
        defer { directory.remove() }
        var configured = try options.applied(to: worker)
        if let debugger {
            configured = try debugged(configured, by: debugger, in: directory)
            try checkProgram(of: configured, environment)
        }
        let output = TrialOutput(self, worker: configured, limit: takesTerminal ? nil : limit ?? timeout ?? hostLimit)
        try output.begin(hint: takesTerminal ? debugger?.hint(for: worker) : nil, takesTerminal: takesTerminal)
        if takesTerminal {
            try await onTerminal(configured, environment, directory, output)
        } else {
            let run = try made { () throws(SystemError) in
                try SingleRun(configured, environment: environment, directory: directory, timeout: limit ?? timeout)
            }
            try await piped(run, output)
        }
    }

    /// What a host would give the attempt now.
    private var hostLimit: Duration {
        guard let deadline = task.metadata.deadline else { return worker.timeout }
        return max(.zero, min(worker.timeout, Timestamp.now.duration(to: deadline)))
    }

    private func checkParams() throws(CommandFailure) {
        guard task.params.isObject else {
            throw CommandFailure(
                .usage, "The params are no JSON object: the host would fail the task without a process.")
        }
        guard !options.noSchema else { return }
        try ParamsCheck.run(
            task.params, worker,
            consequence: "; the host would fail the task without starting a process (--no-schema runs it all the same)")
    }

    private func debugged(
        _ worker: WorkerConfiguration, by debugger: WorkerDebugger, in directory: AttemptDirectory
    ) throws -> WorkerConfiguration {
        do {
            return try debugger.applied(to: worker, input: SingleRun.input(for: task), in: directory)
        } catch let error as DebuggerError {
            throw CommandFailure(.usage, "--debugger: \(error).")
        } catch let error as SystemError {
            throw CommandFailure(.failed, error.description + ".")
        }
    }

    /// Without this a debugger that is not installed would look like a worker that is not.
    private func checkProgram(
        of worker: WorkerConfiguration, _ environment: [String: String]
    ) throws(CommandFailure) {
        guard let program = worker.commandLine.first, !program.contains("/") else { return }
        let path = worker.environment["PATH"] ?? environment["PATH"] ?? "/usr/local/bin:/usr/bin:/bin"
        let own = worker.venvPython.map { [($0 as NSString).deletingLastPathComponent] } ?? []
        let directories = own + path.split(separator: ":").map(String.init)
        guard !directories.contains(where: { FileManager.default.isExecutableFile(atPath: "\($0)/\(program)") })
        else { return }
        throw CommandFailure(
            .usage,
            "--debugger: there is no program '\(PlainText.singleLine(program))' in the worker's PATH: install it, or "
                + "name it with its path.")
    }

    private func made<Value>(_ make: () throws(SystemError) -> Value) throws(CommandFailure) -> Value {
        do throws(SystemError) {
            return try make()
        } catch {
            throw CommandFailure(.failed, "\(error).")
        }
    }

    // MARK: - Over pipes, as the host does it

    private func piped(_ run: SingleRun, _ output: TrialOutput) async throws {
        let signals = await TrialSignals.watch { signal, count in
            Talk.shared.line(
                count == 1
                    ? "workerhost: \(signal): the worker gets SIGTERM, and SIGKILL after "
                        + "\(HumanText.duration(worker.stopGrace)). Once more kills it now."
                    : "workerhost: \(signal): killing the worker.")
            run.stop(hurry: count > 1)
        }
        let events = TrialEvents()
        let task = task
        let running = Task {
            defer { events.finish() }
            return try await run.run(task) { events.add($0) }
        }
        let transcript: AttemptTranscript
        do {
            for await event in events.stream { try output.show(event) }
            transcript = try await running.value
        } catch {
            // Nobody can be told any more: the worker must not go on unseen.
            run.stop(hurry: true)
            _ = await running.result
            if let system = error as? SystemError { throw CommandFailure(.failed, "\(system).") }
            throw error
        }
        let verdict = Verdict(transcript.outcome, retry: worker.retry)
        let report = TrialReport(
            trial: self, transcript: transcript, verdict: verdict, lostLines: events.lostLines, isRaw: options.raw,
            comparison: stored.map { ReplayComparison(stored: $0, transcript: transcript, verdict: verdict) })
        try output.end(report)
        if let code = signals.exitCode { throw CommandFailure(code) }
        if verdict.status != .completed { throw CommandFailure(.failed) }
    }

    // MARK: - On the terminal, for a debugger

    private func onTerminal(
        _ worker: WorkerConfiguration, _ environment: [String: String], _ directory: AttemptDirectory,
        _ output: TrialOutput
    ) async throws {
        let run = try made { () throws(SystemError) in
            try TerminalRun(worker, environment: environment, directory: directory)
        }
        // The terminal sends Ctrl-C to the debugger too, and that is whom it is for.
        _ = await TrialSignals.watch(ignoringInterrupts: true) { signal, _ in run.send(signal.number) }
        let end: TerminalRun.End
        do {
            end = try await run.run(task)
        } catch {
            throw CommandFailure(.failed, "\(error).")
        }
        try output.end(end)
        if end.ending != .exited(code: 0) { throw CommandFailure(.failed) }
    }
}
