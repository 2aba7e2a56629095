import Yams

/// Makes the tree that is read from the parser's nodes: aliases expanded within bounds, merge keys merged, variables
/// put in.
struct SourceTreeBuilder {
    private static let maxNodes = 200_000
    private static let maxDepth = 100

    private let log: IssueLog
    private let renamedKeys: [String: String]
    private let substitution: VariableSubstitution
    private var nodes = 0
    private var isStopped = false
    /// Whether the whole tree was built: nothing more is said about one that was cut off.
    var isComplete: Bool { !isStopped }

    init(log: IssueLog, renamedKeys: [String: String], environment: [String: String]) {
        self.log = log
        self.renamedKeys = renamedKeys
        substitution = VariableSubstitution(environment: environment)
    }

    mutating func build(_ node: Node, path: String = "", depth: Int = 0) -> SourceNode {
        let origin = Self.origin(of: node)
        var result = SourceNode(content: .null, origin: origin, path: path)
        nodes += 1
        guard !isStopped else { return result }
        guard nodes <= Self.maxNodes, depth <= Self.maxDepth else {
            isStopped = true
            let message =
                depth > Self.maxDepth
                ? "values are nested more than \(Self.maxDepth) deep: write them flatter"
                : "the file has more than \(Self.maxNodes) values once its aliases ('*name') are expanded: write fewer"
            log.error(origin, path, message)
            return result
        }
        switch node {
        case .scalar(let scalar): result.content = content(of: scalar, origin, path)
        case .sequence(let sequence):
            var items: [SourceNode] = []
            for (index, item) in sequence.enumerated() {
                items.append(build(item, path: "\(path)[\(index)]", depth: depth + 1))
                if isStopped { break }
            }
            result.content = .list(items)
        case .mapping(let mapping): result.content = .map(members(of: mapping, path, depth))
        case .alias:
            log.error(origin, path, "this alias names nothing: define it above with '&name'")
        }
        return result
    }

    private func content(of scalar: Node.Scalar, _ origin: SourceNode.Origin, _ path: String) -> SourceNode.Content {
        let tag = scalar.tag.description
        let isPlain = scalar.style == .plain && tag != Tag.Name.str.rawValue
        if tag.hasPrefix("!") {
            log.error(origin, path, "the tag '\(tag)' is not supported: remove it")
            return .invalid
        }
        if isPlain, ["", "~", "null", "Null", "NULL"].contains(scalar.string) { return .null }
        let outcome = substitution.apply(to: scalar.string)
        for problem in outcome.problems { log.error(origin, path, problem) }
        if !outcome.problems.isEmpty { return .invalid }
        return .scalar(
            .init(
                text: outcome.text, isPlain: isPlain, isSubstituted: outcome.isSubstituted,
                substitutions: outcome.substitutions))
    }

    private mutating func members(of mapping: Node.Mapping, _ path: String, _ depth: Int) -> [SourceNode.Member] {
        var members: [SourceNode.Member] = []
        var known: [String: SourceNode.Origin] = [:]
        var merged: [SourceNode.Member] = []
        for (keyNode, valueNode) in mapping {
            if isStopped { break }
            let origin = Self.origin(of: keyNode)
            guard case .scalar(let scalar) = keyNode else {
                log.error(origin, path, "a key must be a text, not a list or a mapping: write a plain key")
                continue
            }
            let key = renamedKeys[scalar.string] ?? scalar.string
            if key == "<<", scalar.style == .plain {
                merged += mergedMembers(valueNode, path, depth + 1)
                continue
            }
            let keyPath = SourceNode.path(path, key)
            if let first = known[key], case .file(let line, _) = first {
                log.error(origin, keyPath, "this key is given twice, first on line \(line): remove one")
                continue
            }
            known[key] = origin
            let value = build(valueNode, path: keyPath, depth: depth + 1)
            members.append(.init(key: key, keyOrigin: origin, value: value))
        }
        for member in merged where known[member.key] == nil {
            known[member.key] = member.keyOrigin
            members.append(member)
        }
        return members
    }

    /// What `<<: *name` or `<<: [*one, *two]` brings; the first of several wins.
    private mutating func mergedMembers(_ node: Node, _ path: String, _ depth: Int) -> [SourceNode.Member] {
        if case .sequence(let sequence) = node, depth < Self.maxDepth, nodes < Self.maxNodes {
            nodes += 1
            var members: [SourceNode.Member] = []
            for item in sequence where !isStopped { members += mergedMembers(item, path, depth + 1) }
            return members
        }
        let built = build(node, path: path, depth: depth)
        if case .map(let members) = built.content { return members }
        log.error(built.origin, path, "'<<' merges \(built.kind)", expected: "a mapping ('<<: *name')")
        return []
    }

    private static func origin(of node: Node) -> SourceNode.Origin {
        .file(line: node.mark?.line ?? 1, column: node.mark?.column ?? 1)
    }
}
