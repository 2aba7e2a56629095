/// What a host did between its start and its end.
public struct RunSummary: Sendable, Hashable {
    /// Tasks that succeeded.
    public var completed = 0
    /// Tasks that failed for good.
    public var failed = 0
    /// Attempts that failed and were put back to be tried again.
    public var retried = 0
    /// Tasks given back without spending an attempt.
    public var released = 0
    /// Outcomes that came too late because the lease had been lost.
    public var leasesLost = 0
    /// Workers that could not be started when the host ended, with the reason.
    public var unavailableWorkers: [String: String] = [:]
    /// Tasks that were still waiting when the host ended; nil if the TaskManager does not tell.
    public var waiting: Int?

    /// Nothing done yet.
    public init() {}
}
