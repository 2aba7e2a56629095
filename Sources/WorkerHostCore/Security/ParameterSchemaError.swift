/// Why a schema cannot be used.
public struct ParameterSchemaError: Error, Sendable, Hashable, CustomStringConvertible {
    /// What is wrong, each with its place in the schema, for example `/properties/topic/type: …`.
    public let problems: [String]

    init(problems: [String]) {
        self.problems = problems
    }

    /// All problems on one line.
    public var description: String { problems.joined(separator: "; ") }
}
