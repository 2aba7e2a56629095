#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// A worker's command line taken apart, if it runs Python.
struct PythonCommand: Sendable, Hashable {
    /// What the interpreter runs.
    enum Target: Sendable, Hashable {
        /// `-m MODULE`
        case module(String)
        /// `-c CODE`
        case code(String)
        /// A file.
        case script(String)

        /// As the interpreter takes it.
        var words: [String] {
            switch self {
            case .module(let name): ["-m", name]
            case .code(let code): ["-c", code]
            case .script(let file): [file]
            }
        }
    }

    /// The interpreter.
    let python: String
    /// The interpreter's own options.
    let options: [String]
    let target: Target
    /// What the worker gets.
    let arguments: [String]

    /// nil if the command line runs something else, or Python without saying what.
    init?(_ worker: WorkerConfiguration) {
        var words = worker.commandLine[...]
        guard let program = words.popFirst() else { return nil }
        if worker.command == nil || Self.isPython(program) {
            python = program
        } else if let line = Self.interpreterLine(of: program, in: worker.projectPath) {
            python = line[0]
            words = (line[1...] + [program] + words)[...]
        } else {
            return nil
        }
        var options: [String] = []
        while let word = words.popFirst() {
            if word == "-m" || word == "-c" {
                guard let value = words.popFirst() else { return nil }
                target = word == "-m" ? .module(value) : .code(value)
            } else if word.hasPrefix("-m"), word.count > 2 {
                target = .module(String(word.dropFirst(2)))
            } else if word.hasPrefix("-"), word != "-" {
                options.append(word)
                if ["-X", "-W", "--check-hash-based-pycs"].contains(word), let value = words.popFirst() {
                    options.append(value)
                }
                continue
            } else {
                target = .script(word)
            }
            self.options = options
            arguments = Array(words)
            return
        }
        return nil
    }

    private static func isPython(_ program: String) -> Bool {
        program.split(separator: "/").last?.hasPrefix("python") == true
    }

    /// The words of a script's first line, if it names Python: `#!/usr/bin/env python3`, `#!/venv/bin/python -u`.
    private static func interpreterLine(of program: String, in directory: String) -> [String]? {
        guard program.contains("/") else { return nil }
        let path = program.hasPrefix("/") ? program : "\(directory)/\(program)"
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        var bytes = [UInt8](repeating: 0, count: 256)
        let count = read(descriptor, &bytes, bytes.count)
        guard count > 2, bytes.starts(with: "#!".utf8) else { return nil }
        let line = bytes[2..<count].prefix { $0 != 0x0A && $0 != 0x0D }
        var words = String(decoding: line, as: UTF8.self).split(separator: " ").map(String.init)
        if words.first?.hasSuffix("/env") == true {
            words.removeFirst()
            if words.first == "-S" { words.removeFirst() }
        }
        return words.first.map(isPython) == true ? words : nil
    }
}
