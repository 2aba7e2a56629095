/// What became of a task that was to be added.
public struct EnqueuedTask: Sendable, Hashable {
    /// The task's id; for a duplicate, the id of the task that holds the dedupe key.
    public let id: String
    /// Whether nothing was added because another task holds the dedupe key.
    public let wasDuplicate: Bool

    init(id: String, wasDuplicate: Bool) {
        self.id = id
        self.wasDuplicate = wasDuplicate
    }
}
