/// A value of the configuration with the place it came from, after substitution.
struct SourceNode {
    /// Where a value was written.
    enum Origin: Hashable {
        case file(line: Int, column: Int)
        case variable(String)
    }

    /// A text as it was written.
    struct Scalar {
        var text: String
        /// Written without quotes, so that it may be a number, `true` or `null`.
        var isPlain: Bool
        /// Filled from the environment: may stand for a number in spite of quotes, and for a text in spite of digits.
        var isSubstituted = false
        /// The variables that were put in by `${NAME}`, each once.
        var substitutions: [ConfigurationFact.Substitution] = []
    }

    /// A member of a mapping.
    struct Member {
        var key: String
        var keyOrigin: Origin
        var value: SourceNode
    }

    enum Content {
        /// Reported already, so that nothing more is said about it.
        case invalid
        case null
        case scalar(Scalar)
        case list([SourceNode])
        case map([Member])
    }

    var content: Content
    var origin: Origin
    /// For example `workers[0].timeout`.
    var path: String
    /// The place of the value that this one, from an override, stands for.
    var overridden: Origin?

    var isNull: Bool {
        if case .null = content { true } else { false }
    }

    /// The keys of a mapping whose keys are not fixed.
    var memberKeys: [KeySpec] {
        guard case .map(let members) = content else { return [] }
        return members.map { KeySpec($0.key) }
    }

    /// What the value is, for error texts.
    var kind: String {
        switch content {
        case .null, .invalid: "nothing"
        case .list: "a list"
        case .map: "a mapping"
        case .scalar(let scalar):
            switch scalar.type {
            case .number: "the number \(scalar.text)"
            case .bool: scalar.text
            case .text: "the text \"\(scalar.shownText)\""
            }
        }
    }

    static func path(_ parent: String, _ key: String) -> String {
        parent.isEmpty ? key : "\(parent).\(key)"
    }
}

extension SourceNode.Scalar {
    enum Kind { case text, number, bool }

    /// YAML 1.2's reading of the text, which JSON shares; `yes` and `no` are texts.
    var type: Kind {
        guard isPlain else { return .text }
        if ["true", "True", "TRUE", "false", "False", "FALSE"].contains(text) { return .bool }
        return NumberText.isNumber(text) ? .number : .text
    }

    /// Short enough for one line; a text from the environment may be a secret and is not shown.
    var shownText: String {
        if isSubstituted { return "***" }
        let line = text.split(separator: "\n", omittingEmptySubsequences: false).first.map(String.init) ?? ""
        return line.count > 60 || line.count < text.count ? line.prefix(57) + "..." : line
    }
}
