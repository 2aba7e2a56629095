/// Keywords that belong together.
extension SchemaCompiler {
    mutating func valueRanges(_ members: [String: JSONValue], _ pointer: String) -> [SchemaNode.Check] {
        let groups: [(SchemaNode.Measured, String, String)] = [
            (.characters, "minLength", "maxLength"), (.items, "minItems", "maxItems"),
            (.properties, "minProperties", "maxProperties"),
        ]
        return groups.compactMap { measured, least, most in
            let range = SchemaNode.Range(
                least: count(members[least], "\(pointer)/\(least)"), most: count(members[most], "\(pointer)/\(most)"))
            return range.least == nil && range.most == nil ? nil : .length(range, of: measured)
        }
    }

    private mutating func count(_ value: JSONValue?, _ pointer: String) -> Int? {
        guard let value else { return nil }
        guard case .number(let number) = value, number.isInteger, number.double >= 0, number.double < 1e15 else {
            wrong(pointer, "a whole number of at least 0")
            return nil
        }
        return Int(number.double)
    }

    mutating func members(_ members: [String: JSONValue], _ pointer: String) -> SchemaNode.Members? {
        var rule = SchemaNode.Members()
        var isUsed = false
        if let properties = members["properties"] {
            rule.named = named(properties, pointer + "/properties") ?? [:]
            isUsed = true
        }
        if let patterns = members["patternProperties"] {
            let place = pointer + "/patternProperties"
            for (text, schema) in (named(patterns, place) ?? [:]).sorted(by: { $0.key < $1.key }) {
                let textPlace = "\(place)/\(JSONPointer.escaped(text))"
                if let pattern = pattern(.string(text), textPlace) { rule.patterned.append((pattern, schema)) }
            }
            isUsed = true
        }
        if let others = members["additionalProperties"] {
            isUsed = true
            if others == .bool(false) {
                rule.allowsOthers = false
            } else {
                rule.others = compile(others, pointer + "/additionalProperties")
            }
        }
        return isUsed ? rule : nil
    }

    mutating func items(_ members: [String: JSONValue], _ pointer: String) -> [SchemaNode.Check] {
        var checks: [SchemaNode.Check] = []
        let prefix = members["prefixItems"].flatMap { schemas($0, pointer + "/prefixItems") } ?? []
        var rest: Int?
        if case .array? = members["items"] {
            problem(pointer + "/items", "a list of schemas is not supported here: use 'prefixItems'")
        } else if let items = members["items"] {
            rest = compile(items, pointer + "/items")
        }
        if !prefix.isEmpty || rest != nil { checks.append(.items(prefix: prefix, rest: rest)) }
        if let contains = members["contains"] {
            let least = count(members["minContains"], pointer + "/minContains") ?? 1
            let most = count(members["maxContains"], pointer + "/maxContains")
            checks.append(.contains(compile(contains, pointer + "/contains"), least: least, most: most))
        }
        return checks
    }
}

extension JSONValue {
    /// A value of the schema, short enough for an error text.
    var shown: String {
        switch self {
        case .null: return "null"
        case .bool(let value): return String(value)
        case .number(let number): return number.text
        case .string(let text):
            var bytes: [UInt8] = []
            JSONText.append(text.count > 60 ? text.prefix(57) + "..." : text, to: &bytes)
            return String(decoding: bytes, as: UTF8.self)
        case .array: return "a list"
        case .object: return "an object"
        }
    }

    /// The type's name in JSON Schema.
    var typeName: String {
        switch self {
        case .null: "null"
        case .bool: "boolean"
        case .number(let number): number.isInteger ? "integer" : "number"
        case .string: "string"
        case .array: "array"
        case .object: "object"
        }
    }
}
