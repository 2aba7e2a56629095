/// Which tasks are wanted.
public struct TaskFilter: Sendable, Hashable {
    /// Only tasks in these states; empty for all.
    public var statuses: Set<StoredTask.Status>
    /// Only tasks that these selectors (`Name`, `Prefix.*`) select; empty for all.
    public var types: [String]
    /// Most tasks that are returned; at least 1.
    public var limit: Int
    /// Only tasks behind this id, in the order of the answer; the last id of one answer begins the next.
    public var after: String?
    /// Whether the newest come first.
    public var newestFirst: Bool

    /// A filter; by default the oldest 100 of all.
    public init(
        statuses: Set<StoredTask.Status> = [], types: [String] = [], limit: Int = 100, after: String? = nil,
        newestFirst: Bool = false
    ) {
        self.statuses = statuses
        self.types = types
        self.limit = max(1, limit)
        self.after = after
        self.newestFirst = newestFirst
    }
}
