/// What one attempt used, as the kernel counted it for the worker process and the children it waited for.
public struct ResourceUsage: Sendable, Hashable {
    /// Processor time in user mode.
    public let userTime: Duration
    /// Processor time in the kernel.
    public let systemTime: Duration
    /// The largest resident memory, in bytes. nil when it was below the host's own: the kernel counts a process that
    /// is started without copying its parent as if it had used the parent's memory.
    public let peakMemory: Int64?

    /// A usage.
    public init(userTime: Duration, systemTime: Duration, peakMemory: Int64?) {
        self.userTime = userTime
        self.systemTime = systemTime
        self.peakMemory = peakMemory
    }
}
