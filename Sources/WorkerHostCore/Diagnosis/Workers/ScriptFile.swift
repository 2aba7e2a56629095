/// The first line of a program, as the kernel reads it. Blocking: for dedicated threads.
struct ScriptFile {
    enum Kind: Hashable {
        /// Machine code.
        case binary
        /// `#!INTERPRETER ARGUMENT`
        case script(interpreter: String, argument: String?)
        /// A text without such a line, which the kernel does not start.
        case text
        case unreadable
    }

    let path: String
    let kind: Kind
    /// Whether the first line ends with CR LF.
    let endsWithCarriageReturn: Bool
    /// Whether a byte order mark stands in front of the `#!`.
    let hasByteOrderMark: Bool

    init(_ path: String) {
        self.path = path
        guard let head = SmallFile.bytes(of: path, limit: 512) else {
            kind = .unreadable
            endsWithCarriageReturn = false
            hasByteOrderMark = false
            return
        }
        hasByteOrderMark = head.starts(with: [0xEF, 0xBB, 0xBF, 0x23, 0x21])
        let line = head.dropFirst(hasByteOrderMark ? 3 : 0).prefix { $0 != 0x0A }
        endsWithCarriageReturn = line.last == 0x0D
        if head.starts(with: [0x7F, 0x45, 0x4C, 0x46]) {
            kind = .binary
        } else if line.starts(with: [0x23, 0x21]) {
            let text = String(decoding: line.dropFirst(2).filter { $0 != 0x0D }, as: UTF8.self)
            let parts = text.split(separator: " ", maxSplits: 1).map(String.init)
            kind = .script(interpreter: parts.first ?? "", argument: parts.count > 1 ? parts[1] : nil)
        } else {
            kind = .text
        }
    }

    /// What the first line names; nil if there is none.
    var interpreter: String? {
        if case .script(let interpreter, _) = kind { interpreter } else { nil }
    }

    /// What keeps the kernel from starting it, and what to do; nil if it can be started.
    /// - Parameter searchPath: the worker's `PATH`, in which `env` looks.
    func problem(searchPath: String) -> (message: String, advice: String)? {
        if hasByteOrderMark {
            return (
                "\(path) begins with a byte order mark: the kernel does not see its '#!'",
                "Save it without one: sed -i '1s/^\\xEF\\xBB\\xBF//' \(path)"
            )
        }
        switch kind {
        case .binary, .unreadable: return nil
        case .text:
            return (
                "\(path) is a script without a first line such as #!/bin/sh: the kernel does not start it",
                "Add the line, or name the interpreter in command: [sh, \(path)]."
            )
        case .script(let interpreter, let argument):
            if endsWithCarriageReturn {
                return (
                    "the first line of \(path) ends with CR LF: the kernel looks for '\(interpreter)\\r'",
                    "Save it with Unix line ends: sed -i 's/\\r$//' \(path)"
                )
            }
            guard SmallFile.exists(interpreter) else {
                return (
                    "\(path) is to be run by \(interpreter), which does not exist",
                    "Correct its first line; if it belongs to a virtualenv, make that anew where it lies now."
                )
            }
            guard interpreter.hasSuffix("/env"), let name = Self.named(argument), !name.contains("/"),
                Self.find(name, searchPath) == nil
            else { return nil }
            return (
                "\(path) is to be run by '\(name)', which is not in the worker's PATH (\(searchPath))",
                "Install it, or set PATH in workers[].environment."
            )
        }
    }

    /// The program that `env` starts: the first word that is no option and no variable.
    private static func named(_ argument: String?) -> String? {
        argument?.split(separator: " ").first { !$0.hasPrefix("-") && !$0.contains("=") }.map(String.init)
    }

    static func find(_ name: String, _ searchPath: String) -> String? {
        searchPath.split(separator: ":").map { "\($0)/\(name)" }.first { SmallFile.exists($0) }
    }
}
