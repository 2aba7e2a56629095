import WorkerHostCore

/// The real server's own check of parameters against a schema, with its mistakes.
enum PHPValidator {
    /// What it finds wrong.
    static func problems(_ params: RawJSON, _ schema: RawJSON) -> [String] {
        guard let value = try? JSONValue(params), let schema = try? JSONValue(schema) else { return [] }
        return problems(value, schema, "")
    }

    private static func problems(_ value: JSONValue, _ schema: JSONValue, _ path: String) -> [String] {
        guard case .object(let schema) = schema else { return [] }
        var problems: [String] = []
        if let type = schema["type"], let problem = mismatch(value, type, path) { return [problem] }
        guard case .object(let members) = value else { return [] }
        if case .array(let required)? = schema["required"] {
            for case .string(let name) in required where members[name] ?? .null == .null {
                problems.append("Missing required property: \(path).\(name)")
            }
        }
        if case .object(let properties)? = schema["properties"] {
            for (name, property) in properties.sorted(by: { $0.key < $1.key }) {
                guard let member = members[name], member != .null else { continue }
                problems += Self.problems(member, property, path.isEmpty ? name : "\(path).\(name)")
            }
        }
        return problems
    }

    private static func mismatch(_ value: JSONValue, _ type: JSONValue, _ path: String) -> String? {
        guard case .string(let expected) = type else {
            // A union is never met.
            return "Type mismatch at \(path): expected Array, got \(name(of: value))"
        }
        let actual = name(of: value)
        // A whole number is no `number`, and an empty object is a list.
        let isEmptyObject = actual == "array" && expected == "object" && path.isEmpty
        return actual == expected || isEmptyObject
            ? nil : "Type mismatch at \(path): expected \(expected), got \(actual)"
    }

    private static func name(of value: JSONValue) -> String {
        switch value {
        case .null: "null"
        case .bool: "boolean"
        case .number(let number): Int(number.text) == nil ? "number" : "integer"
        case .string: "string"
        case .array: "array"
        case .object(let members): members.isEmpty ? "array" : "object"
        }
    }
}
