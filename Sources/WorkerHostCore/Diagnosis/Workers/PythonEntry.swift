/// What a worker has its Python interpreter run.
struct PythonEntry: Sendable, Hashable {
    enum Target: Sendable, Hashable {
        /// `-m NAME`
        case module(String)
        /// A file, as the command line names it.
        case script(String)
    }

    /// The interpreter; absolute, or a bare name that is looked for in `PATH`.
    let interpreter: String
    /// The interpreter's own options.
    let options: [String]
    let target: Target

    /// nil if the worker does not run Python, or in a way that cannot be tried without running it (`-c`, `-`).
    init?(_ worker: WorkerConfiguration) {
        if let command = worker.command, !command.isEmpty {
            self.init(command: command)
        } else if let python = worker.venvPython, let module = worker.module {
            self.init(interpreter: python, options: [], target: .module(module))
        } else {
            return nil
        }
    }

    private init(interpreter: String, options: [String], target: Target) {
        self.interpreter = interpreter
        self.options = options
        self.target = target
    }

    private init?(command: [String]) {
        guard let program = command.first, let name = program.split(separator: "/").last,
            name.hasPrefix("python"), name.dropFirst(6).allSatisfy({ $0.isNumber || $0 == "." })
        else { return nil }
        var options: [String] = []
        var rest = command.dropFirst()
        while let word = rest.popFirst() {
            if word == "-m" || (word.hasPrefix("-m") && !word.hasPrefix("--")) {
                guard let module = word == "-m" ? rest.first : String(word.dropFirst(2)) else { return nil }
                self.init(interpreter: program, options: options, target: .module(module))
                return
            }
            if word == "-c" || word == "-" { return nil }
            guard word.hasPrefix("-") else {
                self.init(interpreter: program, options: options, target: .script(word))
                return
            }
            options.append(word)
            if ["-W", "-X", "--check-hash-based-pycs"].contains(word), let value = rest.popFirst() {
                options.append(value)
            }
        }
        return nil
    }

    /// What is tried, for people.
    var name: String {
        switch target {
        case .module(let name): "module '\(name)'"
        case .script(let path): "script '\(path)'"
        }
    }
}
