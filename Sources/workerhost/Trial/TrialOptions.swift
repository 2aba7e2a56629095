import ArgumentParser
import WorkerHostCore

/// What `exec` and `replay` have in common.
struct TrialOptions: ParsableArguments {
    @Option(help: ArgumentHelp("Which worker, where several run the type.", valueName: "name"))
    var worker: String?

    @Option(help: ArgumentHelp("The longest it may run: 30, 250ms, 5m, or none.", valueName: "time"))
    var timeout: String?

    @Option(
        name: .customLong("env"),
        help: ArgumentHelp("One more variable for the worker; may be given several times.", valueName: "name=value"))
    var variables: [String] = []

    @Flag(help: "Run it although its params break the worker's schema.")
    var noSchema = false

    @Option(
        help: ArgumentHelp("Run the worker under this command: pdb, gdb, 'strace -f', …", valueName: "command")
    )
    var debugger: String?

    @Flag(
        inversion: .prefixedNo,
        help: "Give the debugger the terminal, without time limit. By default where there is one, but not for tracers.")
    var interactive: Bool?

    @Flag(help: "Show what was read and written byte for byte, and all of it.")
    var raw = false

    @Flag(help: "Print one JSON object at the end; standard error is passed on meanwhile.")
    var json = false

    func validate() throws {
        if json, raw { throw ValidationError("--json has everything, byte for byte: leave out --raw.") }
        if interactive == true, debugger == nil {
            throw ValidationError("--interactive is for a debugger: name one with --debugger.")
        }
        if interactive == true, json {
            throw ValidationError("With --interactive the output goes to the terminal: leave out --json.")
        }
    }

    /// The longest time; nil if none was given.
    /// - Throws: ``CommandFailure`` with exit code 2.
    func timeLimit() throws(CommandFailure) -> Duration? {
        guard let timeout else { return nil }
        if timeout == "none" { return .seconds(366 * 86_400) }
        guard let limit = DelayText.parse(timeout), limit > .zero else {
            throw CommandFailure(
                .usage, "--timeout '\(PlainText.singleLine(timeout))' is not \(DelayText.expectation), nor none.")
        }
        return limit
    }

    /// The worker with the variables of `--env`.
    /// - Throws: ``CommandFailure`` with exit code 2.
    func applied(to worker: WorkerConfiguration) throws(CommandFailure) -> WorkerConfiguration {
        var worker = worker
        for variable in variables {
            let parts = variable.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard parts.count == 2, !parts[0].isEmpty, !variable.utf8.contains(0) else {
                throw CommandFailure(.usage, "--env '\(PlainText.singleLine(variable))' is not NAME=VALUE.")
            }
            worker.environment[String(parts[0])] = String(parts[1])
        }
        return worker
    }

    /// The debugger, if one is wanted.
    /// - Throws: ``CommandFailure`` with exit code 2.
    func workerDebugger() throws(CommandFailure) -> WorkerDebugger? {
        guard let debugger else { return nil }
        do throws(DebuggerError) {
            return try WorkerDebugger(debugger)
        } catch {
            throw CommandFailure(.usage, "--debugger: \(error).")
        }
    }

    /// Whether the worker gets the terminal.
    /// - Throws: ``CommandFailure`` with exit code 2 for a debugger that cannot do without.
    func takesTerminal(_ debugger: WorkerDebugger?) throws(CommandFailure) -> Bool {
        guard let debugger else { return false }
        let isThere = Terminal.input.isTerminal && Terminal.output.isTerminal && !json
        let takes = interactive ?? (isThere && debugger.isInteractive)
        if debugger.isPythonDebugger, !takes {
            throw CommandFailure(
                .usage, "pdb talks on a terminal, and here is none: --interactive gives it standard input and output.")
        }
        return takes
    }
}
