/// A JSON Schema (draft 2020-12) for a task type's parameters, compiled once.
///
/// All assertions are supported but `unevaluatedProperties`, `unevaluatedItems`, `$dynamicRef` and references that leave
/// the schema; a schema with one of these is refused. `format` and the `content…` keywords are annotations and are not
/// checked. `pattern` takes what JavaScript and ICU share: classes, groups, look-around, quantifiers, `\p{…}`; `\d` and
/// `\w` mean ASCII, and `$` the very end.
public struct ParameterSchema: Sendable {
    private let nodes: [SchemaNode]
    private let root: Int

    /// Compiles a schema.
    /// - Throws: ``ParameterSchemaError`` with everything that is wrong with it.
    public init(_ schema: RawJSON) throws(ParameterSchemaError) {
        let value: JSONValue
        do {
            value = try JSONValue(schema)
        } catch {
            throw ParameterSchemaError(problems: ["the schema is not valid JSON: \(error)"])
        }
        var compiler = SchemaCompiler(root: value)
        root = compiler.compile()
        nodes = compiler.nodes
        guard compiler.problems.isEmpty else { throw ParameterSchemaError(problems: compiler.problems) }
    }

    /// Everything about the parameters that does not fit the schema, each with its JSON Pointer (`/topic: is missing`);
    /// empty if they fit. Values are never shown: they may be secrets. At most 50 are listed.
    public func violations(in parameters: RawJSON) -> [String] {
        let value: JSONValue
        do {
            value = try JSONValue(parameters)
        } catch {
            return ["(root): \(error)"]
        }
        var validator = SchemaValidator(nodes: nodes)
        validator.check(value, against: root, at: "")
        return validator.report
    }
}
