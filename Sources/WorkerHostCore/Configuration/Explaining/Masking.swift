/// Keeps secrets out of what is shown of a configuration.
enum Masking {
    static let mask = "***"

    /// The value, or as much of it as may be seen.
    ///
    /// Hidden are: values that a variable with the name of a secret has filled, those of keys with such a name, and
    /// passwords in addresses.
    static func masked(_ value: RawJSON, of node: SourceNode) -> RawJSON {
        let name = node.path.split(separator: ".").last.map(String.init) ?? ""
        let isSecret = SecretNames.contain(name) || isOverridden(node) || holdsSecret(node)
        if isSecret { return mask.shown }
        guard value.bytes.first == 0x22 else { return value }
        return withoutPassword(ConfigurationFact.text(value)).shown
    }

    /// A value whose keys are not the host's, such as `metadata`: texts from the environment are hidden, too.
    static func masked(_ node: SourceNode, name: String = "") -> SourceNode {
        var node = node
        switch node.content {
        case .scalar(var scalar):
            scalar.text = text(scalar, name: name)
            if scalar.text == mask { scalar.isPlain = false }
            node.content = .scalar(scalar)
        case .list(let items): node.content = .list(items.map { masked($0, name: name) })
        case .map(let members):
            node.content = .map(
                members.map { .init(key: $0.key, keyOrigin: $0.keyOrigin, value: masked($0.value, name: $0.key)) })
        case .null, .invalid: break
        }
        return node
    }

    /// A text that is handed to a worker.
    static func text(_ scalar: SourceNode.Scalar, name: String = "") -> String {
        if scalar.isSubstituted || SecretNames.contain(name) { return mask }
        return withoutPassword(scalar.text)
    }

    /// `amqp://user:***@host` for an address with a password.
    static func withoutPassword(_ text: String) -> String {
        guard let scheme = text.firstRange(of: "://") else { return text }
        let authority = text[scheme.upperBound...].prefix { $0 != "/" && $0 != "?" && !$0.isWhitespace }
        guard let at = authority.lastIndex(of: "@"), let colon = authority[..<at].firstIndex(of: ":") else {
            return text
        }
        return text[...colon] + mask + text[at...]
    }

    private static func isOverridden(_ node: SourceNode) -> Bool {
        if case .variable(let name) = node.origin { SecretNames.contain(name) } else { false }
    }

    private static func holdsSecret(_ node: SourceNode) -> Bool {
        guard case .scalar(let scalar) = node.content else { return false }
        return scalar.substitutions.contains { SecretNames.contain($0.variable) }
    }
}
