public import WorkerHostCore

/// An entry of an outbox, for people.
public struct StoredOutcome: Sendable, Identifiable {
    /// The entry's id.
    public let id: Int64
    /// The task.
    public let taskID: String
    /// The task's type; empty if it is not known.
    public let taskType: String
    /// What came out.
    public let outcome: OutboxEntry.Outcome
    /// Whether the TaskManager will never take it; else it waits to be delivered.
    public let isRejected: Bool
    /// When it was stored.
    public let storedAt: Timestamp
    /// How often its delivery has failed.
    public let tries: Int
    /// When it is tried again; nil for as soon as possible, or never.
    public let nextTry: Timestamp?
    /// Why it was not delivered; nil before the first try.
    public let lastError: String?
    /// Its bytes, about.
    public let size: Int
    /// The lease that it is delivered under.
    public let leaseToken: String
}

/// What an outbox holds.
public struct OutboxOverview: Sendable, Hashable {
    /// Outcomes that wait to be delivered.
    public var undelivered = 0
    /// Their bytes, about.
    public var undeliveredBytes: Int64 = 0
    /// When the oldest of them was stored.
    public var oldestStoredAt: Timestamp?
    /// Why the last one that was tried could not be delivered.
    public var lastError: String?
    /// Outcomes that the TaskManager refused.
    public var rejected = 0
    /// Tasks that are failed without being run when they are handed out again.
    public var remembered = 0
    /// The file and its log, in bytes.
    public var fileSize: Int64 = 0

    /// Empty.
    public init() {}
}
