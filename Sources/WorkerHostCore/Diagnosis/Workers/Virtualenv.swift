/// A Python virtualenv, as its files describe it. Blocking: for dedicated threads.
public struct Virtualenv: Sendable, Hashable {
    /// Its directory, as the interpreter's path names it.
    public let directory: String
    /// Its `pyvenv.cfg`; empty if there is none.
    public let settings: [String: String]
    /// The directory that it was made for, where `pyvenv.cfg` or `bin/activate` tell another one; else nil.
    public let madeFor: String?
    /// Programs in `bin` whose first line starts an interpreter of another directory.
    public let foreignScripts: [String]
    /// The versions that have a `site-packages` of their own with something in it: `3.11`.
    public let packageVersions: [String]

    /// The virtualenv that an interpreter or program belongs to; nil if it belongs to none.
    public init?(program: String) {
        guard let slash = program.lastIndex(of: "/"), let binSlash = program[..<slash].lastIndex(of: "/"),
            program[program.index(after: binSlash)..<slash] == "bin"
        else { return nil }
        let directory = String(program[..<binSlash])
        let lines = SmallFile.lines(of: "\(directory)/pyvenv.cfg")
        // The root of other distributions of Python has an `activate` too, but of another kind.
        guard lines != nil || Self.activation(directory) != nil else { return nil }
        self.directory = directory
        settings = Self.settings(lines ?? [])
        madeFor = Self.otherOrigin(of: directory, settings)
        foreignScripts = Self.foreignScripts(directory)
        packageVersions = Self.packageVersions(directory)
    }

    /// Whether there is a `pyvenv.cfg`; without it Python does not take the directory for a virtualenv.
    public var hasSettings: Bool { !settings.isEmpty }

    /// The version of Python that it was made with: `3.11.2`.
    public var version: String? { settings["version"] ?? settings["version_info"] }

    /// The directory of the Python that it was made from.
    public var home: String? { settings["home"] }

    /// Whether it also sees the packages of that Python.
    public var seesSystemPackages: Bool { settings["include-system-site-packages"]?.lowercased() == "true" }

    /// `3.11` of `3.11.2`.
    static func minor(_ version: String) -> String {
        version.split(separator: ".").prefix(2).joined(separator: ".")
    }

    private static func settings(_ lines: [String]) -> [String: String] {
        var settings: [String: String] = [:]
        for line in lines {
            let parts = line.split(separator: "=", maxSplits: 1)
            guard parts.count == 2 else { continue }
            settings[trimmed(parts[0]).lowercased()] = trimmed(parts[1])
        }
        return settings
    }

    private static func trimmed(_ text: Substring) -> String {
        var rest = text.drop(while: \.isWhitespace)
        while rest.last?.isWhitespace == true { rest.removeLast() }
        return String(rest)
    }

    private static func otherOrigin(of directory: String, _ settings: [String: String]) -> String? {
        var recorded: [String] = []
        if let line = activation(directory) { recorded.append(line) }
        if let last = settings["command"]?.split(separator: " ").last, last.hasPrefix("/") {
            recorded.append(String(last))
        }
        let real = SmallFile.real(directory)
        return recorded.first { $0 != directory && $0 != real && SmallFile.real($0) != real }
    }

    /// The value of `VIRTUAL_ENV` in `bin/activate`; nil where it is worked out by the script.
    private static func activation(_ directory: String) -> String? {
        for line in SmallFile.lines(of: "\(directory)/bin/activate") ?? [] {
            var text = line.drop(while: \.isWhitespace)
            if text.hasPrefix("export ") { text = text.dropFirst(7) }
            guard text.hasPrefix("VIRTUAL_ENV=") else { continue }
            let value = text.dropFirst(12).filter { $0 != "\"" && $0 != "'" }
            if value.hasPrefix("/"), !value.contains("$") { return trimmed(Substring(value)) }
        }
        return nil
    }

    private static func foreignScripts(_ directory: String) -> [String] {
        let real = SmallFile.real(directory) ?? directory
        return SmallFile.names(in: "\(directory)/bin").prefix(2000).filter { name in
            guard let interpreter = ScriptFile("\(directory)/bin/\(name)").interpreter,
                interpreter.split(separator: "/").last?.hasPrefix("python") == true,
                let slash = interpreter.lastIndex(of: "/")
            else { return false }
            let bin = String(interpreter[..<slash])
            return bin != "\(directory)/bin" && bin != "\(real)/bin" && SmallFile.real(bin) != "\(real)/bin"
        }
    }

    private static func packageVersions(_ directory: String) -> [String] {
        SmallFile.names(in: "\(directory)/lib").filter { $0.hasPrefix("python") }.map { String($0.dropFirst(6)) }
            .filter { version in
                // pip and its like are in every virtualenv.
                let own: Set = ["pip", "setuptools", "wheel", "pkg_resources", "_distutils_hack", "__pycache__"]
                return SmallFile.names(in: "\(directory)/lib/python\(version)/site-packages").contains { name in
                    !own.contains(name) && !own.contains(where: { name.hasPrefix("\($0)-") })
                        && !name.hasPrefix("_virtualenv")
                        && name != "distutils-precedence.pth"
                }
            }
    }
}
