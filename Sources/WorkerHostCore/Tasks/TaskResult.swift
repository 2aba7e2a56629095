/// What a worker returned for a task that succeeded.
public struct TaskResult: Sendable {
    /// The `result` of the reply, byte for byte.
    public let value: RawJSON
    /// The `logs` array of the reply, byte for byte, if it had one.
    public let logs: RawJSON?

    /// A result.
    public init(value: RawJSON, logs: RawJSON? = nil) {
        self.value = value
        self.logs = logs
    }
}
