public import WorkerHostCore

/// A queue at one moment, for people and dashboards.
public struct QueueOverview: Sendable {
    /// How many tasks there are in each state.
    public let counts: TaskCounts
    /// What is not finished or failed, by type; types of which nothing of that kind is left are not among them.
    public let types: [TypeOverview]
    /// When the oldest task was added that could run now; nil if none waits.
    public let oldestWaiting: Timestamp?
    /// When the next delayed task may run; nil if there is none.
    public let nextDue: Timestamp?
    /// The hosts that are registered, the longest running first.
    public let hosts: [HostOverview]
    /// The queue file; absolute.
    public let path: String
    /// What the queue takes on the disk.
    public let storage: QueueStorage
    /// How many of the failed tasks are poison; see ``StoredTask/isPoison``.
    public let poison: Int
    /// When the oldest finished task that is still there was added; nil if there is none.
    public let oldestFinished: Timestamp?

    /// The open and failed tasks of one type.
    public struct TypeOverview: Sendable, Hashable {
        /// The type.
        public let type: String
        /// Claimable now.
        public let waiting: Int
        /// Not claimable before a later moment: delayed, or waiting for the next attempt.
        public let delayed: Int
        /// Leased.
        public let running: Int
        /// Dead letters.
        public let failed: Int
        /// When the oldest task was added that could run now.
        public let oldestWaiting: Timestamp?
    }

    /// A host that is registered at the queue.
    public struct HostOverview: Sendable, Hashable {
        /// The host's id.
        public let id: String
        /// The host's process.
        public let pid: Int32
        /// When it registered.
        public let startedAt: Timestamp
        /// When it was last heard of; a host that only waits says so every few minutes.
        public let seenAt: Timestamp
        /// Tasks that it has leased.
        public let running: Int
    }
}
