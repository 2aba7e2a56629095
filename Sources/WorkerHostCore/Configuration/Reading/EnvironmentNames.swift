/// Names of environment variables.
enum EnvironmentNames {
    static func isBool(_ text: String) -> Bool {
        ["true", "false", "yes", "no", "on", "off"].contains(text.lowercased())
    }

    /// Why a text cannot be the name of a variable; nil if it can.
    static func problem(_ name: String) -> String? {
        if name.isEmpty || name.contains("=") || name.unicodeScalars.contains("\0") {
            return "'\(name)' cannot be the name of an environment variable: write a name without '='"
        }
        return nil
    }

    /// The names that can be used; the others are reported.
    static func checked(_ names: [(text: String, node: SourceNode)], _ log: IssueLog) -> [String] {
        names.compactMap { name, node in
            guard let problem = problem(name) else { return name }
            log.error(node.origin, node.path, problem)
            return nil
        }
    }
}
