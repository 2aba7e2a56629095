extension SchemaCompiler {
    /// Keywords that would assert something this validator cannot check.
    private static let unsupported = [
        "unevaluatedProperties": "use 'additionalProperties'", "unevaluatedItems": "use 'items'",
        "$dynamicRef": "use '$ref'", "$recursiveRef": "use '$ref'",
        "dependencies": "use 'dependentRequired' or 'dependentSchemas'",
        "additionalItems": "use 'prefixItems' with 'items'", "divisibleBy": "use 'multipleOf'",
        "disallow": "use 'not'", "extends": "use 'allOf'",
    ]

    /// The checks of one keyword that does not depend on others; none for keywords that assert nothing.
    mutating func check(_ key: String, _ value: JSONValue, _ pointer: String) -> [SchemaNode.Check] {
        switch key {
        case "type": return types(value, pointer)
        case "enum":
            guard case .array(let values) = value, !values.isEmpty else {
                return wrong(pointer, "a list with at least one value")
            }
            return [.oneOfValues(values, text: "one of \(values.map(\.shown).joined(separator: ", "))")]
        case "const": return [.oneOfValues([value], text: value.shown)]
        case "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum":
            guard case .number(let number) = value, let bound = SchemaNode.Bound(rawValue: key) else {
                return wrong(pointer, "a number")
            }
            return [.number(bound, number)]
        case "multipleOf":
            guard case .number(let number) = value, number > JSONNumber("0") else {
                return wrong(pointer, "a number above 0")
            }
            return [.multipleOf(number)]
        case "pattern":
            return pattern(value, pointer).map { [.pattern($0)] } ?? []
        case "required": return texts(value, pointer).map { [.required($0)] } ?? []
        case "uniqueItems":
            guard case .bool(let isUnique) = value else { return wrong(pointer, "true or false") }
            return isUnique ? [.uniqueItems] : []
        default: return applicator(key, value, pointer)
        }
    }

    /// The keywords that hold schemas.
    private mutating func applicator(_ key: String, _ value: JSONValue, _ pointer: String) -> [SchemaNode.Check] {
        switch key {
        case "propertyNames": return [.propertyNames(compile(value, pointer))]
        case "allOf": return schemas(value, pointer).map { [.all($0)] } ?? []
        case "anyOf": return schemas(value, pointer).map { [.any($0)] } ?? []
        case "oneOf": return schemas(value, pointer).map { [.one($0)] } ?? []
        case "not": return [.not(compile(value, pointer))]
        case "$ref": return reference(value, pointer)
        case "dependentSchemas": return named(value, pointer).map { [.dependentSchemas($0)] } ?? []
        case "dependentRequired":
            guard case .object(let members) = value else { return wrong(pointer, "an object") }
            var names: [String: [String]] = [:]
            for (name, list) in members { names[name] = texts(list, "\(pointer)/\(JSONPointer.escaped(name))") }
            return [.dependentRequired(names)]
        case "$defs", "definitions":
            // Compiled even if nothing refers to them, so that mistakes in them are seen.
            _ = named(value, pointer)
            return []
        default:
            if let advice = Self.unsupported[key] { problem(pointer, "'\(key)' is not supported: \(advice)") }
            return []
        }
    }

    @discardableResult
    mutating func wrong(_ pointer: String, _ expectation: String) -> [SchemaNode.Check] {
        problem(pointer, "expected \(expectation)")
        return []
    }

    private mutating func types(_ value: JSONValue, _ pointer: String) -> [SchemaNode.Check] {
        let names: [JSONValue] = if case .array(let list) = value { list } else { [value] }
        let known = SchemaNode.ValueType.allCases.map(\.rawValue)
        var types: [SchemaNode.ValueType] = []
        for name in names {
            guard case .string(let text) = name, let type = SchemaNode.ValueType(rawValue: text) else {
                return wrong(pointer, "one of \(known.joined(separator: ", ")), or a list of these")
            }
            types.append(type)
        }
        if types.isEmpty { return wrong(pointer, "at least one type") }
        return [.types(types)]
    }

    mutating func pattern(_ value: JSONValue, _ pointer: String) -> SchemaPattern? {
        guard case .string(let text) = value, let pattern = SchemaPattern(text) else {
            wrong(pointer, "a regular expression")
            return nil
        }
        return pattern
    }

    private mutating func texts(_ value: JSONValue, _ pointer: String) -> [String]? {
        guard case .array(let items) = value else {
            wrong(pointer, "a list of texts")
            return nil
        }
        var texts: [String] = []
        for item in items {
            guard case .string(let text) = item else {
                wrong(pointer, "a list of texts")
                return nil
            }
            texts.append(text)
        }
        return texts
    }

    mutating func schemas(_ value: JSONValue, _ pointer: String) -> [Int]? {
        guard case .array(let items) = value, !items.isEmpty else {
            wrong(pointer, "a list with at least one schema")
            return nil
        }
        return items.enumerated().map { compile($0.element, "\(pointer)/\($0.offset)") }
    }

    mutating func named(_ value: JSONValue, _ pointer: String) -> [String: Int]? {
        guard case .object(let members) = value else {
            wrong(pointer, "an object of schemas")
            return nil
        }
        var result: [String: Int] = [:]
        for (name, schema) in members.sorted(by: { $0.key < $1.key }) {
            result[name] = compile(schema, "\(pointer)/\(JSONPointer.escaped(name))")
        }
        return result
    }
}
