import WorkerHostCore

/// A worker that is to be made: its files, and its entry in the configuration.
struct WorkerPlan {
    /// The folder of all workers that this program makes, beside the configuration.
    static let folder = "workers"
    private static let longestName = 64

    let name: String
    let type: String
    let language: WorkerLanguage
    /// The interpreter that was asked for; nil for the usual one.
    let interpreter: String?
    let hasVirtualenv: Bool

    /// A plan.
    /// - Throws: ``CommandFailure`` with exit code 2 if a name or type is not usable.
    init(
        name: String, type: String?, language: WorkerLanguage, interpreter: String?, hasVirtualenv: Bool
    ) throws(CommandFailure) {
        guard Self.isName(name), name.utf8.count <= Self.longestName else {
            throw CommandFailure(
                .usage,
                "'\(PlainText.singleLine(name))' cannot name a worker here, since its folder gets the same name: take a "
                    + "letter and then letters, digits, '-' and '_', \(Self.longestName) at most.")
        }
        self.name = name
        self.type = type ?? Self.derivedType(name)
        guard Self.isType(self.type) else {
            throw CommandFailure(
                .usage,
                "--type '\(PlainText.singleLine(self.type))' is not one task type: take letters, digits and '._-:/', "
                    + "like \(Self.derivedType(name)).")
        }
        self.language = language
        self.interpreter = interpreter
        self.hasVirtualenv = hasVirtualenv
    }

    /// `resize-image` becomes `ResizeImage.Greet`, after what the templates do.
    private static func derivedType(_ name: String) -> String {
        let words = name.split { $0 == "-" || $0 == "_" }
        return words.map { $0.prefix(1).uppercased() + $0.dropFirst() }.joined() + ".Greet"
    }

    private static func isName(_ text: String) -> Bool {
        guard let first = text.utf8.first, isLetter(first) else { return false }
        return text.utf8.allSatisfy { isLetter($0) || isDigit($0) || $0 == 0x2D || $0 == 0x5F }
    }

    private static func isType(_ text: String) -> Bool {
        !text.isEmpty && text.utf8.allSatisfy { isLetter($0) || isDigit($0) || "._-:/".utf8.contains($0) }
    }

    private static func isLetter(_ byte: UInt8) -> Bool { (0x61...0x7A).contains(byte | 0x20) }
    private static func isDigit(_ byte: UInt8) -> Bool { (0x30...0x39).contains(byte) }

    /// The interpreter of a Python worker; nil for other languages.
    /// - Throws: ``CommandFailure`` if it is missing, or cannot make the virtualenv.
    func findPython() throws(CommandFailure) -> PythonInterpreter? {
        guard language == .python else { return nil }
        return try PythonInterpreter(interpreter, makesVirtualenvs: hasVirtualenv)
    }

    /// The worker's folder, from that of the configuration.
    var path: String { "\(Self.folder)/\(name)" }

    /// The virtualenv, from the folder of the configuration; nil if it gets none.
    var virtualenv: String? { hasVirtualenv ? "\(path)/.venv" : nil }

    /// The files of the worker's folder, with paths from there.
    var files: [ScaffoldFile] {
        let (worker, test) = language.templates
        return [
            ScaffoldFile(language.workerFile, String(decoding: worker, as: UTF8.self)),
            ScaffoldFile(
                language.testFile, String(decoding: test, as: UTF8.self).replacing("Hello.Greet", with: type)),
        ]
    }

    /// The command that runs the worker's test, from the folder of the configuration.
    var testCommand: [String] {
        let program =
            switch language {
            case .python: virtualenv.map { "\($0)/bin/python" } ?? interpreter ?? "python3"
            case .node: "node"
            case .bash: "bash"
            }
        return [program, "\(path)/\(language.testFile)"]
    }

    private var command: [String]? {
        switch language {
        // The configuration puts variables in: a dollar is written twice.
        case .python: hasVirtualenv ? nil : [interpreter?.replacing("$", with: "$$") ?? "python3", "-m", "worker"]
        case .node, .bash: [language.rawValue, language.workerFile]
        }
    }

    /// The entry's lines for a YAML list, without a dash.
    var entry: [String] {
        var lines = ["name: \(YAMLText.scalar(name))", "project_path: ./\(path)"]
        if let virtualenv { lines += ["venv_python: ./\(virtualenv)", "module: worker"] }
        if let command { lines.append("command: [\(command.map(YAMLText.scalar).joined(separator: ", "))]") }
        return lines + [
            "task_types: [\(YAMLText.scalar(type))]",
            "timeout: 60s           # the longest an attempt may run",
            "max_retries: 3         # how often a failing task is tried, all attempts together",
            "# concurrency: 4       # processes at once; otherwise as many as there are cores",
            "# environment:         # what it sees beside PATH, HOME, LANG and the like",
            "#   API_KEY: ${API_KEY}",
            "# limits:",
            "#   max_memory_mb: 512",
        ]
    }

    /// The entry as JSON, for configurations in JSON and lists in brackets.
    var jsonEntry: [UInt8] {
        var object = JSONObjectText()
        object.text("name", name)
        object.text("project_path", "./\(path)")
        if let virtualenv {
            object.text("venv_python", "./\(virtualenv)")
            object.text("module", "worker")
        }
        if let command { object.texts("command", command) }
        object.texts("task_types", [type])
        object.text("timeout", "60s")
        object.number("max_retries", 3)
        return object.finished
    }
}
