/// Why the TaskManager's API gives no tasks or takes no outcomes.
public struct HTTPTaskManagerError: Error, Sendable, Hashable, CustomStringConvertible {
    /// What happened, where and what to do; never holds a key.
    public let description: String
    /// Whether the same call may succeed later without anybody's doing.
    public let isTransient: Bool

    init(_ description: String, isTransient: Bool = false) {
        self.description = description
        self.isTransient = isTransient
    }
}
