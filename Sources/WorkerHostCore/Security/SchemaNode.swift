/// One compiled schema; those below it are named by their index.
struct SchemaNode: Sendable {
    var checks: [Check] = []

    /// One assertion.
    enum Check: Sendable {
        case never
        case types([ValueType])
        case oneOfValues([JSONValue], text: String)
        case number(Bound, JSONNumber)
        case multipleOf(JSONNumber)
        case length(Range, of: Measured)
        case pattern(SchemaPattern)
        case required([String])
        case dependentRequired([String: [String]])
        case dependentSchemas([String: Int])
        case members(Members)
        case propertyNames(Int)
        case items(prefix: [Int], rest: Int?)
        case contains(Int, least: Int, most: Int?)
        case uniqueItems
        case reference(Int)
        case all([Int])
        case any([Int])
        case one([Int])
        case not(Int)
        case condition(if: Int, then: Int?, else: Int?)
    }

    enum Bound: String, Sendable {
        case minimum, maximum, exclusiveMinimum, exclusiveMaximum
    }

    /// What a least or greatest number of things is about.
    enum Measured: Sendable { case characters, items, properties }

    struct Range: Sendable {
        var least: Int?
        var most: Int?
    }

    /// `properties`, `patternProperties` and `additionalProperties`, which depend on each other.
    struct Members: Sendable {
        var named: [String: Int] = [:]
        var patterned: [(pattern: SchemaPattern, schema: Int)] = []
        var others: Int?
        var allowsOthers = true
    }

    enum ValueType: String, Sendable, CaseIterable {
        case null, boolean, object, array, number, string, integer

        func matches(_ value: JSONValue) -> Bool {
            switch (self, value) {
            case (.null, .null), (.boolean, .bool), (.object, .object), (.array, .array), (.number, .number),
                (.string, .string):
                true
            case (.integer, .number(let number)): number.isInteger
            default: false
            }
        }
    }

    /// The schemas that look at the same value as this one.
    var sameValueSchemas: [Int] {
        checks.flatMap { check -> [Int] in
            switch check {
            case .reference(let schema), .not(let schema): [schema]
            case .all(let schemas), .any(let schemas), .one(let schemas): schemas
            case .condition(let test, let then, let otherwise): [test] + [then, otherwise].compactMap { $0 }
            case .dependentSchemas(let schemas): Array(schemas.values)
            default: []
            }
        }
    }
}
