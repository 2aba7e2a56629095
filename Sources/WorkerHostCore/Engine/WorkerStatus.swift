/// One worker of a running host, for people and monitors.
public struct WorkerStatus: Sendable, Hashable {
    /// Why a worker's tasks are not leased.
    public struct Trouble: Sendable, Hashable {
        /// Why its last process could not be started.
        public let reason: String
        /// Since when.
        public let since: Timestamp
        /// How many probes have failed since then.
        public let failedProbes: Int
        /// When the next probe may go; nil while one is under way.
        public let nextProbe: Timestamp?
    }

    /// The worker's name. During a reload there may be two of one name: one that leaves, and its successor.
    public let name: String
    /// Tasks that it has leased: running, or waiting for a slot.
    public let tasksHeld: Int
    /// Whether a reload took it out of use, and it only finishes what it runs.
    public let isLeaving: Bool
    /// Why its tasks are not leased; nil while they are.
    public internal(set) var trouble: Trouble?

    init(name: String, tasksHeld: Int, isLeaving: Bool) {
        self.name = name
        self.tasksHeld = tasksHeld
        self.isLeaving = isLeaving
    }
}
