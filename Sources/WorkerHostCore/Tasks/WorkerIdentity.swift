/// One worker process (or, for a worker that is no process, one slot).
public struct WorkerIdentity: Sendable, Hashable {
    /// The worker's name in the configuration.
    public let name: String
    /// Which of the worker's slots, from 0; bounded by its concurrency, so it is safe as a metric label. A template has the
    /// number after the last.
    public let slot: Int
    /// The process; nil for a worker inside the host.
    public let pid: Int32?

    /// An identity.
    public init(name: String, slot: Int, pid: Int32?) {
        self.name = name
        self.slot = slot
        self.pid = pid
    }
}

/// Why a worker process ended.
public enum TerminationReason: Sendable, Hashable {
    /// It ended by itself with this exit code.
    case exited(code: Int32)
    /// A signal that the host did not send ended it.
    case signaled(Int32)
    /// The host ended it.
    case stopped(StopReason)
    /// It ended after its template had died, which alone could tell how.
    case unknown
}

/// Why the host ends a worker process before it ends by itself.
public enum StopReason: String, Sendable, Hashable {
    /// The task's deadline passed.
    case deadline
    /// The host stops.
    case shutdown
    /// The task belongs to somebody else now.
    case leaseLost = "lease lost"
    /// Somebody asked for it.
    case cancelled
}
