extension TaskManagerConfiguration {
    /// How long the embedded queue keeps finished tasks; unfinished ones are never removed.
    public struct Retention: Sendable, Hashable {
        /// How long a completed task is kept after its end; nil for ever.
        public var completed: Duration?
        /// Most completed tasks that are kept, the oldest go first; nil for any number.
        public var maxCompleted: Int?
        /// How long a dead letter is kept after its failure; nil for ever.
        public var failed: Duration?
        /// Most dead letters that are kept, the oldest go first; nil for any number.
        public var maxFailed: Int?

        /// A rule; by default completed tasks are kept for a week, at most 100,000 of them, and dead letters for ever.
        public init(
            completed: Duration? = .seconds(7 * 86_400), maxCompleted: Int? = 100_000, failed: Duration? = nil,
            maxFailed: Int? = nil
        ) {
            self.completed = completed
            self.maxCompleted = maxCompleted
            self.failed = failed
            self.maxFailed = maxFailed
        }

        /// Everything is kept for ever.
        public static let everything = Retention(completed: nil, maxCompleted: nil)
    }
}
