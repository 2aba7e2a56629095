/// Makes the least parameters that a simple JSON Schema accepts: those that are required, each as small as can be.
enum MinimalParams {
    private static let deepest = 16

    /// The parameters; nil if the schema asks for more than this knows (patterns, formats, combinations).
    static func make(_ schema: RawJSON) -> RawJSON? {
        do {
            guard let value = make(try JSONValue(schema), 0), case .object = value else { return nil }
            let params = RawJSON(unchecked: value.jsonBytes)
            return try ParameterSchema(schema).violations(in: params).isEmpty ? params : nil
        } catch {
            // A schema that cannot be used is told by whoever loads the configuration.
            return nil
        }
    }

    private static func make(_ schema: JSONValue, _ depth: Int) -> JSONValue? {
        guard depth < deepest, case .object(let members) = schema else { return nil }
        if let value = members["const"] ?? members["default"] { return value }
        if case .array(let values)? = members["examples"], let first = values.first { return first }
        if case .array(let values)? = members["enum"] { return values.first }
        switch members["type"] {
        case .string(let type)?: return make(type, members, depth)
        case .array(let types)?:
            guard case .string(let type)? = types.first else { return nil }
            return make(type, members, depth)
        case nil where members["properties"] != nil || members["required"] != nil:
            return make("object", members, depth)
        default: return nil
        }
    }

    private static func make(_ type: String, _ members: [String: JSONValue], _ depth: Int) -> JSONValue? {
        switch type {
        case "object": return object(members, depth)
        case "array":
            let least = count(members["minItems"])
            guard least > 0 else { return .array([]) }
            return members["items"].flatMap { make($0, depth + 1) }.map { .array(Array(repeating: $0, count: least)) }
        case "string": return .string(String(repeating: "x", count: max(1, count(members["minLength"]))))
        case "integer", "number":
            if case .number(let least)? = members["minimum"] { return .number(least) }
            return .number(JSONNumber("1"))
        case "boolean": return .bool(false)
        case "null": return .null
        default: return nil
        }
    }

    private static func object(_ members: [String: JSONValue], _ depth: Int) -> JSONValue? {
        guard case .array(let required)? = members["required"] else { return .object([:]) }
        guard case .object(let properties)? = members["properties"] else { return nil }
        var result: [String: JSONValue] = [:]
        for name in required {
            guard case .string(let name) = name, let schema = properties[name], let value = make(schema, depth + 1)
            else { return nil }
            result[name] = value
        }
        return .object(result)
    }

    private static func count(_ value: JSONValue?) -> Int {
        guard case .number(let number)? = value, let count = Int(exactly: number.double) else { return 0 }
        return min(max(0, count), 1000)
    }
}
