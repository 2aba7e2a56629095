/// Why the TaskManager's API gives no tasks or takes no outcomes.
public struct HTTPTaskManagerError: Error, Sendable, Hashable, CustomStringConvertible {
    /// What happened, where and what to do; never holds a key.
    public let description: String

    init(_ description: String) {
        self.description = description
    }
}
