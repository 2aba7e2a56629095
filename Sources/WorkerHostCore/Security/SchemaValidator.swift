/// Checks one value; a budget of steps and depth bounds what a costly schema can do.
struct SchemaValidator {
    private static let maxSteps = 2_000_000
    private static let maxDepth = 256
    private static let maxListed = 50

    private let nodes: [SchemaNode]
    private(set) var violations: [String] = []
    private var steps = 0
    private var depth = 0
    private var isExhausted = false

    init(nodes: [SchemaNode]) {
        self.nodes = nodes
    }

    /// What is shown to people.
    var report: [String] {
        if isExhausted { return ["(root): the parameters are too large or too deeply nested to be checked"] }
        if violations.count <= Self.maxListed { return violations }
        return violations.prefix(Self.maxListed) + ["… and \(violations.count - Self.maxListed) more"]
    }

    mutating func fail(_ pointer: String, _ text: String) {
        violations.append("\(pointer.isEmpty ? "(root)" : pointer): \(text)")
    }

    mutating func check(_ value: JSONValue, against schema: Int, at pointer: String) {
        steps += 1
        depth += 1
        defer { depth -= 1 }
        if steps > Self.maxSteps || depth > Self.maxDepth { isExhausted = true }
        guard !isExhausted else { return }
        for check in nodes[schema].checks { apply(check, value, pointer) }
    }

    /// The violations of another schema, which do not count by themselves.
    mutating func trial(_ value: JSONValue, _ schema: Int, _ pointer: String) -> [String] {
        let before = violations
        violations = []
        check(value, against: schema, at: pointer)
        defer { violations = before }
        return violations
    }

    private mutating func apply(_ check: SchemaNode.Check, _ value: JSONValue, _ pointer: String) {
        switch check {
        case .never: fail(pointer, "nothing is allowed here")
        case .types(let types):
            if !types.contains(where: { $0.matches(value) }) {
                let names = types.map(\.rawValue).joined(separator: " or ")
                fail(pointer, "is of type \(value.typeName), but must be \(names)")
            }
        case .oneOfValues(let values, let text):
            if !values.contains(value) { fail(pointer, "must be \(text)") }
        case .reference(let schema): self.check(value, against: schema, at: pointer)
        case .all(let schemas):
            for schema in schemas { self.check(value, against: schema, at: pointer) }
        case .any(let schemas): any(value, schemas, pointer)
        case .one(let schemas): one(value, schemas, pointer)
        case .not(let schema):
            if trial(value, schema, pointer).isEmpty { fail(pointer, "fits a form that is forbidden here (not)") }
        case .condition(let test, let then, let otherwise):
            let branch = trial(value, test, pointer).isEmpty ? then : otherwise
            if let branch { self.check(value, against: branch, at: pointer) }
        default: applyByType(check, value, pointer)
        }
    }

    private mutating func applyByType(_ check: SchemaNode.Check, _ value: JSONValue, _ pointer: String) {
        switch value {
        case .number(let number): apply(check, to: number, pointer)
        case .string(let text): apply(check, to: text, pointer)
        case .array(let items): apply(check, to: items, pointer)
        case .object(let members): apply(check, to: members, pointer)
        case .null, .bool: break
        }
    }

    private mutating func any(_ value: JSONValue, _ schemas: [Int], _ pointer: String) {
        var nearest: [String]?
        for schema in schemas {
            let found = trial(value, schema, pointer)
            if found.isEmpty { return }
            if found.count < nearest?.count ?? .max { nearest = found }
        }
        let hint = nearest?.first.map { "; for the nearest one: \($0)" } ?? ""
        fail(pointer, "fits none of the \(schemas.count) forms that are allowed here (anyOf)\(hint)")
    }

    private mutating func one(_ value: JSONValue, _ schemas: [Int], _ pointer: String) {
        var fitting = 0
        for schema in schemas where trial(value, schema, pointer).isEmpty { fitting += 1 }
        guard fitting != 1 else { return }
        fail(
            pointer,
            fitting == 0
                ? "fits none of the \(schemas.count) forms that are allowed here (oneOf)"
                : "fits \(fitting) forms where exactly one must fit (oneOf)")
    }
}
