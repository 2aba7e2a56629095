/// How many processes of workers that serve several tasks are kept; this version does not act on it.
public struct WorkerPoolConfiguration: Sendable, Hashable {
    /// Whether processes are kept.
    public var enabled: Bool
    /// Least processes a worker.
    public var minWorkers: Int
    /// Most processes a worker; nil for the worker's `concurrency`.
    public var maxWorkers: Int?
    /// An idle process over the least number is ended after so long.
    public var idleTimeout: Duration

    /// A pool with the defaults of the file.
    public init(
        enabled: Bool = false, minWorkers: Int = 0, maxWorkers: Int? = nil, idleTimeout: Duration = .seconds(300)
    ) {
        self.enabled = enabled
        self.minWorkers = minWorkers
        self.maxWorkers = maxWorkers
        self.idleTimeout = idleTimeout
    }
}
