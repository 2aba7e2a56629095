/// Puts a debugger or tracer around a worker.
///
/// A template of words, in which `{command}` stands for the worker's command line, `{input}` for a file with the
/// task's JSON, `{python}` and `{module}` for a Python worker's interpreter and module. Without `{command}`,
/// `{python}` and `{module}` the command line is put behind it. Two words alone are templates of their own, in which
/// the worker reads its task from the file while the debugger has the terminal: `pdb`, Python's debugger, and `gdb`,
/// in which `run` is enough.
public struct WorkerDebugger: Sendable {
    /// The variable that tells a debugger where the task's JSON lies.
    public static let inputVariable = "WORKERHOST_INPUT"

    /// Programs that watch and ask nothing: the worker under them keeps its pipes.
    private static let tracers: Set<String> = [
        "strace", "ltrace", "perf", "valgrind", "time", "heaptrack", "uftrace", "py-spy", "memray", "env", "nice",
        "ionice", "taskset", "chrt", "numactl", "timeout", "stdbuf", "setarch", "unshare", "prlimit", "catchsegv",
    ]

    private let text: String
    private let words: [String]

    /// Reads a template.
    /// - Throws: ``DebuggerError`` if it is empty or a quote is not closed.
    public init(_ text: String) throws(DebuggerError) {
        self.text = text
        words = try CommandWords.split(text)
        guard words.first?.isEmpty == false else { throw DebuggerError("the debugger's command is empty") }
    }

    /// Whether this is Python's own debugger.
    public var isPythonDebugger: Bool { words == ["pdb"] }

    /// Whether it talks to people; tracers do not.
    public var isInteractive: Bool {
        let program = words.first?.split(separator: "/").last.map(String.init) ?? ""
        return !Self.tracers.contains(program)
    }

    /// How the worker comes by its task in this debugger, where that has the terminal; nil if nobody knows.
    public func hint(for worker: WorkerConfiguration) -> String? {
        if isPythonDebugger { return "the worker reads its task from the file; c runs on, q ends" }
        if isPlainGDB { return "the worker reads its task from the file; run starts it" }
        guard words.first?.split(separator: "/").last == "gdb", !words.contains(where: { $0.contains("{input}") })
        else { return nil }
        let arguments = worker.commandLine.dropFirst().map { CommandWords.joined([$0]) }
        return "in gdb: " + (["run"] + arguments + ["<", "$\(Self.inputVariable)"]).joined(separator: " ")
    }

    private var isPlainGDB: Bool { words == ["gdb"] }

    /// The worker as it is started under the debugger.
    /// - Parameter input: the task's JSON, which is stored in `directory`.
    /// - Throws: ``DebuggerError`` if the template does not fit the worker; ``SystemError`` for a full disk.
    public func applied(
        to worker: WorkerConfiguration, input: [UInt8], in directory: AttemptDirectory
    ) throws -> WorkerConfiguration {
        var debugged = worker
        let file = try directory.store(input, as: "task.json")
        debugged.environment[Self.inputVariable] = file
        if isPythonDebugger {
            debugged.command = try pdb(worker, directory)
        } else if isPlainGDB {
            debugged.command = Self.gdb(worker, input: file)
        } else {
            debugged.command = try expanded(worker, input: file)
        }
        return debugged
    }

    /// gdb starts its program by a shell, which knows what `<` means.
    private static func gdb(_ worker: WorkerConfiguration, input: String) -> [String] {
        let words = worker.commandLine
        let arguments = CommandWords.joined(Array(words.dropFirst()))
        return ["gdb", "-q", "-ex", "set args \(arguments) < \(CommandWords.joined([input]))"] + words.prefix(1)
    }

    private func pdb(_ worker: WorkerConfiguration, _ directory: AttemptDirectory) throws -> [String] {
        let command = try python(of: worker)
        let runner = try directory.store(Array(PythonDebugger.source.utf8), as: "debugger.py")
        return [command.python] + command.options + [runner] + command.target.words + command.arguments
    }

    private func expanded(_ worker: WorkerConfiguration, input: String) throws(DebuggerError) -> [String] {
        let command = worker.commandLine
        let places = ["{command}", "{python}", "{module}"]
        let placesCommand = words.contains { word in places.contains { word.contains($0) } }
        var result: [String] = []
        for word in words {
            if word == "{command}" {
                result += command
                continue
            }
            var word = word
            if word.contains("{command}") { word = word.replacing("{command}", with: CommandWords.joined(command)) }
            if word.contains("{input}") { word = word.replacing("{input}", with: input) }
            if word.contains("{python}") { word = word.replacing("{python}", with: try python(of: worker).python) }
            if word.contains("{module}") { word = word.replacing("{module}", with: try module(of: worker)) }
            result.append(word)
        }
        return placesCommand ? result : result + command
    }

    private func python(of worker: WorkerConfiguration) throws(DebuggerError) -> PythonCommand {
        guard let command = PythonCommand(worker) else {
            throw DebuggerError(
                "'\(text)' is for Python workers, and '\(worker.name)' runs \(CommandWords.joined(worker.commandLine))")
        }
        return command
    }

    private func module(of worker: WorkerConfiguration) throws(DebuggerError) -> String {
        guard case .module(let name) = try python(of: worker).target else {
            throw DebuggerError(
                "'\(text)' wants a module, and '\(worker.name)' runs none with -m: use {command} in place of {module}")
        }
        return name
    }
}
