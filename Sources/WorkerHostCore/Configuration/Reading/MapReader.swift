/// Reads one mapping of the file key by key; what is wrong is recorded, and reading goes on.
struct MapReader {
    let node: SourceNode
    let log: IssueLog
    private let members: [String: SourceNode.Member]

    /// Takes a mapping and reports keys that are not known.
    init?(_ node: SourceNode, keys: [KeySpec], log: IssueLog) {
        self.node = node
        self.log = log
        switch node.content {
        case .map(let list): members = Dictionary(list.map { ($0.key, $0) }, uniquingKeysWith: { first, _ in first })
        case .null: members = [:]
        case .invalid: return nil
        case .list, .scalar:
            log.error(node.origin, node.path, "this is \(node.kind)", expected: "a mapping ('key: value')")
            return nil
        }
        let names = keys.map(\.name)
        guard case .map(let list) = node.content else { return }
        for member in list where !names.contains(member.key) && !member.key.hasPrefix("x-") {
            let nearest = NearestMatch.find(member.key, in: names)
            log.error(
                member.keyOrigin, member.value.path, "unknown key",
                expected: nearest == nil ? "one of \(names.sorted().joined(separator: ", "))" : nil, nearest: nearest)
        }
    }

    /// A section that is not there: all its keys have their defaults.
    private init(emptyAt path: String, below parent: MapReader) {
        node = SourceNode(content: .null, origin: parent.node.origin, path: path)
        log = parent.log
        members = [:]
    }

    var isEmpty: Bool { members.isEmpty }

    /// What an issue about a key points at.
    func node(of key: String) -> SourceNode { value(key) ?? node }

    /// The value of a key that is given and not `null`.
    func value(_ key: String) -> SourceNode? {
        guard let value = members[key]?.value else { return nil }
        if case .null = value.content { return nil }
        return value
    }

    /// Whether the key has a value, be it a wrong one.
    func has(_ key: String) -> Bool { value(key) != nil }

    func path(_ key: String) -> String { SourceNode.path(node.path, key) }

    /// Reports a key that must be there and is not; says whether it is.
    @discardableResult
    func require(_ key: String, _ expectation: String, file: String = #fileID, line: Int = #line) -> Bool {
        if has(key) { return true }
        log.error(
            members[key]?.keyOrigin ?? node.origin, path(key), "this key is missing", expected: expectation,
            file: file, line: line)
        return false
    }

    func error(
        _ key: String, _ message: String, expected: String? = nil, nearest: String? = nil, file: String = #fileID,
        line: Int = #line
    ) {
        log.error(
            value(key)?.origin ?? node.origin, path(key), message, expected: expected, nearest: nearest, file: file,
            line: line)
    }

    func warning(_ key: String, _ message: String) {
        log.warning(members[key]?.keyOrigin ?? node.origin, path(key), message)
    }

    /// Says that a key is understood but not acted on.
    func notActedOn(_ key: String, _ detail: String = "") {
        warning(key, "this version does not act on this key" + (detail.isEmpty ? "" : ": \(detail)"))
    }

    /// A section below this one, empty if it is not there; nil if something else stands in its place.
    func section(_ key: String, keys: [KeySpec]) -> MapReader? {
        guard let value = value(key) else { return MapReader(emptyAt: path(key), below: self) }
        return MapReader(value, keys: keys, log: log)
    }

    /// An element of a list that is not there.
    func element(_ index: Int, of key: String) -> MapReader? {
        has(key) ? nil : MapReader(emptyAt: "\(path(key))[\(index)]", below: self)
    }

    /// A mapping with any keys, such as `metadata`; nil if it is not there or something else is.
    func freeMap(_ key: String) -> [SourceNode.Member]? {
        guard let value = value(key), MapReader(value, keys: value.memberKeys, log: log) != nil,
            case .map(let members) = value.content
        else { return nil }
        return members
    }

    /// The elements of a list.
    func list(_ key: String, of what: String) -> [SourceNode]? {
        guard let value = value(key) else { return nil }
        switch value.content {
        case .list(let items): return items
        case .invalid, .null: return nil
        case .map, .scalar:
            log.error(value.origin, value.path, "this is \(value.kind)", expected: "a list of \(what)")
            return nil
        }
    }

    /// A list of texts, each with its place.
    func texts(
        _ key: String, of what: String, default standard: [String] = [], from basis: String? = nil
    ) -> [(text: String, node: SourceNode)]? {
        let items = list(key, of: what)
        let texts = items?.compactMap { item in
            ScalarReader(item, log).text(allowsEmpty: false).map { (text: $0, node: item) }
        }
        let shown = texts.map { $0.map { ConfigurationFact.text(Masking.masked($0.text.shown, of: $0.node)) } }
        noted(
            key, texts?.count == items?.count ? shown : nil, default: standard, from: basis,
            expectation: "a list of \(what)")
        return texts
    }
}
