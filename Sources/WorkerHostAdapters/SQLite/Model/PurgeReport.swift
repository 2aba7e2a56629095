/// What a removal of old tasks came to.
public struct PurgeReport: Sendable, Hashable {
    /// Completed tasks that were removed; in a dry run: that would be.
    public internal(set) var completed = 0
    /// Dead letters that were removed; in a dry run: that would be.
    public internal(set) var failed = 0
    /// By how many bytes the queue's files became smaller; negative if others made them grow meanwhile.
    public internal(set) var freedBytes: Int64 = 0

    init() {}
}
