public import WorkerHostCore

/// One line of a task's history.
public struct TimelineEntry: Sendable, Hashable {
    /// When.
    public let at: Timestamp
    /// The attempt it belongs to, from 1; 0 before the first.
    public let attempt: Int
    /// A stable word: `created`, `claimed`, `started`, `completed`, `failed`, `retried`, `released`, `lease_expired`,
    /// `host_died`, `requeued`, or the kind of an ``/WorkerHostCore/Incident``.
    public let kind: String
    /// What happened and why, for people.
    public let message: String
}
