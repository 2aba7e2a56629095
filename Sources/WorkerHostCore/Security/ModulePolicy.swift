/// Which Python modules a worker may run.
public struct ModulePolicy: Sendable, Hashable {
    /// Modules that no worker may run; a name covers its submodules.
    public let restricted: [String]

    /// A policy.
    public init(restricted: [String] = []) {
        self.restricted = restricted
    }

    /// What is wrong with a module and what to do; nil if a worker may run it.
    public func problem(with module: String) -> String? {
        if let problem = Self.malformed(module) { return problem }
        guard let rule = restricted.first(where: { module == $0 || module.hasPrefix($0 + ".") }) else { return nil }
        let covered = rule == module ? "'\(module)'" : "'\(module)' (by '\(rule)')"
        return "the module \(covered) is forbidden by advanced.security.restricted_modules: "
            + "use another module, or take it off that list"
    }

    /// What is wrong with a command line that runs a Python module; nil if it runs none, or one that is allowed.
    public func problem(withCommand command: [String]) -> String? {
        guard let program = command.first?.split(separator: "/").last, program.hasPrefix("python") else { return nil }
        for (index, word) in command.enumerated().dropFirst() {
            if word == "-m", index + 1 < command.count { return problem(with: command[index + 1]) }
            if word.hasPrefix("-m"), word.count > 2 { return problem(with: String(word.dropFirst(2))) }
            // Behind the script's own name everything is the script's.
            if !word.hasPrefix("-") || word == "-c" { return nil }
        }
        return nil
    }

    /// Why a text is no module's name; nil if it is one.
    public static func malformed(_ module: String) -> String? {
        let parts = module.split(separator: ".", omittingEmptySubsequences: false)
        if !parts.isEmpty, parts.allSatisfy(isIdentifier) { return nil }
        var text =
            "'\(module)' is not the name of a Python module: write dotted identifiers, for example 'package.module'"
        if module.hasSuffix(".py") { text += ", without '.py'" }
        return text
    }

    private static func isIdentifier(_ part: Substring) -> Bool {
        guard let first = part.unicodeScalars.first, first == "_" || first.properties.isXIDStart else { return false }
        return part.unicodeScalars.allSatisfy { $0 == "_" || $0.properties.isXIDContinue }
    }
}
