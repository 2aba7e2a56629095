/// What a metrics observer can tell about outcomes on their way to a remote TaskManager.
public struct DeliveryCounters: Sendable, Hashable {
    /// Outcomes that wait for their delivery now.
    public var undelivered = 0
    /// Their bytes, about.
    public var undeliveredBytes = 0
    /// When the oldest of them was stored.
    public var oldestStoredAt: Timestamp?
    /// Outcomes that are kept because the TaskManager will never take them, as of the last look.
    public var rejected = 0
    /// Outcomes stored by this run.
    public var stored = 0
    /// Outcomes that the TaskManager has taken.
    public var delivered = 0
    /// Outcomes that were of no use any more: the lease was lost, or the task was leased anew.
    public var superseded = 0
    /// Outcomes that the TaskManager will never take, of this run.
    public var refused = 0
    /// Deliveries of an outcome that failed and were, or will be, repeated.
    public var failedTries = 0
    /// Outcomes that were delivered under a new lease of their task, which was not run again for that.
    public var rebound = 0
    /// Tasks that were failed without running since they had failed for good before.
    public var failedFromMemory = 0
    /// Entries taken over from hosts that died.
    public var adopted = 0
    /// Outcomes that went straight to the TaskManager because the outbox could not be written.
    public var unstored = 0
    /// Whether no more tasks are leased because too many outcomes wait.
    public var isFull = false

    /// Nothing yet.
    public init() {}
}
