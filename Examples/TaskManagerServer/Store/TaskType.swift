import WorkerHostCore

/// A registered task type.
struct TaskType: Sendable {
    let id: Int
    let name: String
    var version: String
    /// The schema as it was sent.
    var schema: RawJSON
    /// The same, compiled; nil if it cannot be.
    var compiled: ParameterSchema?
    let createdAt: Timestamp
    var updatedAt: Timestamp

    init(id: Int, name: String, version: String, schema: RawJSON, at: Timestamp) {
        self.id = id
        self.name = name
        self.version = version
        self.schema = schema
        // A schema that uses what cannot be checked is kept, and accepts everything.
        compiled = try? ParameterSchema(schema)
        createdAt = at
        updatedAt = at
    }

    mutating func update(version: String, schema: RawJSON, at: Timestamp) {
        self.version = version
        self.schema = schema
        compiled = try? ParameterSchema(schema)
        updatedAt = at
    }

    /// The type under which the queue holds its tasks: the name, unless the queue could not take it.
    var queueType: String {
        let isPlain = name.utf8.allSatisfy { $0 > 0x20 && $0 != 0x7F && $0 != 0x2A } && !name.hasPrefix("!")
        return isPlain && !name.contains(where: \.isWhitespace) ? name : "type-\(id)"
    }
}
