public import WorkerHostCore

/// A task type as it is registered with the TaskManager.
public struct TaskTypeRegistration: Sendable, Hashable {
    /// The type's name.
    public var name: String
    /// The version; the server keeps the one that was registered last.
    public var version: String
    /// The JSON Schema of its parameters.
    public var schema: RawJSON

    /// A type.
    public init(name: String, version: String = "1.0.0", schema: RawJSON) {
        self.name = name
        self.version = version
        self.schema = schema
    }
}
