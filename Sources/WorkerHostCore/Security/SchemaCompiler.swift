/// Turns a schema into nodes and collects what is wrong with it.
struct SchemaCompiler {
    private static let maxDepth = 200
    private static let maxNodes = 100_000

    private let document: JSONValue
    private(set) var nodes: [SchemaNode] = []
    private(set) var problems: [String] = []
    private var byPointer: [String: Int] = [:]
    private var depth = 0

    init(root: JSONValue) {
        document = root
    }

    mutating func compile() -> Int {
        let root = compile(document, "")
        if problems.isEmpty { checkForLoops() }
        return root
    }

    mutating func problem(_ pointer: String, _ text: String) {
        if problems.count < 50 { problems.append("\(pointer.isEmpty ? "(root)" : pointer): \(text)") }
    }

    /// The node of a schema; the same one for the same place, so that a schema may refer to itself.
    mutating func compile(_ value: JSONValue, _ pointer: String) -> Int {
        if let known = byPointer[pointer] { return known }
        let index = nodes.count
        byPointer[pointer] = index
        nodes.append(SchemaNode())
        depth += 1
        defer { depth -= 1 }
        guard depth <= Self.maxDepth, nodes.count <= Self.maxNodes else {
            problem(pointer, "the schema is too large or nested more than \(Self.maxDepth) deep")
            return index
        }
        switch value {
        case .bool(true): break
        case .bool(false): nodes[index].checks = [.never]
        case .object(let members):
            let checks = self.checks(of: members, pointer)
            nodes[index].checks = checks
        default: problem(pointer, "a schema must be an object, true or false")
        }
        return index
    }

    private mutating func checks(of members: [String: JSONValue], _ pointer: String) -> [SchemaNode.Check] {
        var checks: [SchemaNode.Check] = []
        for key in members.keys.sorted() {
            guard let value = members[key] else { continue }
            checks += check(key, value, "\(pointer)/\(JSONPointer.escaped(key))")
        }
        checks += valueRanges(members, pointer)
        if let rule = self.members(members, pointer) { checks.append(.members(rule)) }
        checks += items(members, pointer)
        if let test = members["if"] {
            let condition = compile(test, pointer + "/if")
            let then = members["then"].map { compile($0, pointer + "/then") }
            let otherwise = members["else"].map { compile($0, pointer + "/else") }
            checks.append(.condition(if: condition, then: then, else: otherwise))
        }
        return checks
    }

    /// What `$ref` leads to.
    mutating func reference(_ value: JSONValue, _ pointer: String) -> [SchemaNode.Check] {
        guard case .string(let text) = value, text.hasPrefix("#") else {
            problem(pointer, "only references inside the schema are supported, for example '#/$defs/name'")
            return []
        }
        guard let path = JSONPointer.tokens(ofFragment: text), let target = JSONPointer.value(at: path, in: document)
        else {
            problem(pointer, "the reference '\(text)' leads nowhere")
            return []
        }
        return [.reference(compile(target, path.map { "/" + JSONPointer.escaped($0) }.joined()))]
    }

    /// A schema that looks at the same value for ever says nothing; it would never end.
    private mutating func checkForLoops() {
        var state = [UInt8](repeating: 0, count: nodes.count)
        func loops(_ node: Int) -> Bool {
            if state[node] != 0 { return state[node] == 1 }
            state[node] = 1
            let found = nodes[node].sameValueSchemas.contains(where: loops)
            state[node] = 2
            return found
        }
        let places = byPointer.sorted { $0.value < $1.value }
        if let place = places.first(where: { loops($0.value) }) {
            problem(place.key, "the schema refers to itself without end")
        }
    }
}
