import Yams

/// Lays the values of `WORKERHOST_<SECTION>_<KEY>` over the tree of the file.
///
/// Every key outside `workers` has such a variable; a section's name may be written with or without its `_`
/// (`WORKERHOST_TASKMANAGER_URL`, `WORKERHOST_TASK_MANAGER_URL`).
struct EnvironmentOverrides {
    /// Used for other things: what a worker is told about its task, and the program's own options.
    private static let otherVariables: Set = [
        "WORKERHOST_MODE", "WORKERHOST_FORMAT", "WORKERHOST_WORKER", "WORKERHOST_TASK", "WORKERHOST_RUN",
        "WORKERHOST_CONFIG", "WORKERHOST_HOST",
    ]

    private struct Target {
        let path: [String]
        let shape: KeySpec.Shape
    }

    private let environment: [String: String]
    private let log: IssueLog
    private let targets: [String: Target]

    init(environment: [String: String], log: IssueLog) {
        self.environment = environment
        self.log = log
        targets = Self.targets()
    }

    func apply(to root: inout SourceNode) {
        for (name, value) in environment.sorted(by: { $0.key < $1.key }) where name.hasPrefix("WORKERHOST_") {
            if Self.otherVariables.contains(name) { continue }
            guard let target = targets[name] else {
                log.warning(
                    .variable(name), "", "this variable overrides no key of the configuration",
                    nearest: NearestMatch.find(name, in: targets.keys.sorted()))
                continue
            }
            let path = target.path.joined(separator: ".")
            guard let node = node(for: value, name, target.shape, path) else { continue }
            Self.set(node, at: target.path[...], in: &root)
        }
    }

    private func node(for value: String, _ name: String, _ shape: KeySpec.Shape, _ path: String) -> SourceNode? {
        let origin = SourceNode.Origin.variable(name)
        let text = value.trimmingPrefix { $0.isWhitespace }
        if text.first == "[" || text.first == "{", !isScalar(shape) || path.hasSuffix("allow_environment_variables") {
            do {
                guard let parsed = try Parser(yaml: value).singleRoot() else { return nil }
                var builder = SourceTreeBuilder(log: log, renamedKeys: [:], environment: environment)
                return moved(builder.build(parsed, path: path), to: origin)
            } catch {
                log.error(origin, path, "the value is not valid YAML", expected: "a list like [a, b] or a,b")
                return nil
            }
        }
        let scalar = { SourceNode.Scalar(text: $0, isPlain: true, isSubstituted: true) }
        if isScalar(shape) { return SourceNode(content: .scalar(scalar(value)), origin: origin, path: path) }
        let words = value.split(separator: ",").map { $0.trimming(while: \.isWhitespace) }.filter { !$0.isEmpty }
        let items = words.enumerated().map { index, word in
            SourceNode(content: .scalar(scalar(word)), origin: origin, path: "\(path)[\(index)]")
        }
        return SourceNode(content: .list(items), origin: origin, path: path)
    }

    private func isScalar(_ shape: KeySpec.Shape) -> Bool {
        if case .scalar = shape { true } else { false }
    }

    /// A value that came from a variable has no line in the file.
    private func moved(_ node: SourceNode, to origin: SourceNode.Origin) -> SourceNode {
        var node = node
        node.origin = origin
        switch node.content {
        case .list(let items): node.content = .list(items.map { moved($0, to: origin) })
        case .map(let members):
            node.content = .map(
                members.map { .init(key: $0.key, keyOrigin: origin, value: moved($0.value, to: origin)) })
        default: break
        }
        return node
    }

    private static func set(_ value: SourceNode, at path: ArraySlice<String>, in node: inout SourceNode) {
        guard let key = path.first else {
            node = value
            return
        }
        var members: [SourceNode.Member]
        switch node.content {
        case .map(let known): members = known
        case .null: members = []
        // A section of the wrong type is reported when it is read.
        case .scalar, .list, .invalid: return
        }
        let index = members.firstIndex { $0.key == key }
        var child =
            index.map { members[$0].value }
            ?? SourceNode(content: .null, origin: value.origin, path: SourceNode.path(node.path, key))
        let hidden = child.isNull ? nil : child.origin
        set(value, at: path.dropFirst(), in: &child)
        if path.count == 1 { child.overridden = hidden }
        let member = SourceNode.Member(key: key, keyOrigin: child.origin, value: child)
        if let index { members[index].value = child } else { members.append(member) }
        node.content = .map(members)
    }

    /// The variable of each key that has one, as the documentation writes it: the section's name without `_`.
    static var variables: [String: String] {
        var variables: [String: String] = [:]
        for (name, target) in names() {
            let path = target.path.joined(separator: ".")
            let known = variables[path]
            if known.map({ (name.count, name) < ($0.count, $0) }) ?? true { variables[path] = name }
        }
        // A key at the top has two spellings as well; there the one of the key itself is used.
        for key in ConfigurationKeys.root where variables[key.name] != nil {
            variables[key.name] = "WORKERHOST_\(key.name.uppercased())"
        }
        return variables
    }

    /// Of two keys with the same name (`monitoring.metrics_port`, `monitoring.metrics.port`) the last one is set.
    private static func targets() -> [String: Target] {
        Dictionary(names(), uniquingKeysWith: { _, last in last })
    }

    private static func names() -> [(String, Target)] {
        var found: [(String, Target)] = []
        func add(_ keys: [KeySpec], _ path: [String], _ prefixes: [String]) {
            for key in keys where key.name != "workers" {
                let here = path + [key.name]
                let upper = key.name.uppercased()
                let names = Set([upper, path.isEmpty || !key.children.isEmpty ? upper.filter { $0 != "_" } : upper])
                let joined = prefixes.flatMap { prefix in names.map { "\(prefix)_\($0)" } }
                if case .map(let children) = key.shape {
                    add(children, here, joined)
                } else {
                    found += joined.map { ($0, Target(path: here, shape: key.shape)) }
                }
            }
        }
        add(ConfigurationKeys.root, [], ["WORKERHOST"])
        return found
    }
}

extension Substring {
    fileprivate func trimming(while isTrimmed: (Character) -> Bool) -> String {
        var rest = self
        while let last = rest.last, isTrimmed(last) { rest.removeLast() }
        return String(rest.drop(while: isTrimmed))
    }
}
