/// The right to run one task for a while.
public struct Lease: Sendable, Hashable {
    /// What the TaskManager knows this lease by; a report under an outdated token is refused (fencing).
    public let token: String
    /// When the lease ends unless it is extended; nil if the TaskManager does not say.
    public let expiresAt: Timestamp?

    /// A lease.
    public init(token: String, expiresAt: Timestamp? = nil) {
        self.token = token
        self.expiresAt = expiresAt
    }
}

/// A task together with the lease under which it may run.
public struct LeasedTask: Sendable {
    /// The task.
    public let task: WorkerTask
    /// The lease.
    public let lease: Lease

    /// A leased task.
    public init(task: WorkerTask, lease: Lease) {
        self.task = task
        self.lease = lease
    }
}
