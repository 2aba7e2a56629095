/// How the processes of a pooled worker are kept (`workers[].pool`).
public struct PoolSettings: Sendable, Hashable {
    /// Processes that are there even when nothing is to be done.
    public var min: Int
    /// Most processes; nil takes the worker's `concurrency`.
    public var max: Int?
    /// A process over the least number ends after it had nothing to do for so long.
    public var idleTimeout: Duration
    /// A process is replaced after so many tasks, some of them earlier, so that not all go at once; nil for never.
    public var maxTasks: Int?
    /// A process is replaced when it is so old; nil for never.
    public var maxAge: Duration?
    /// A process whose memory is over so many mebibytes after a task is replaced; nil for never.
    public var maxMemoryMiB: Int?
    /// From the start to the first sign of life.
    public var startupTimeout: Duration
    /// Most tasks that one process is given ahead. How many it really is follows the measured run time.
    public var pipeline: Int

    /// A pool with the defaults of the file.
    public init(
        min: Int = 0, max: Int? = nil, idleTimeout: Duration = .seconds(300), maxTasks: Int? = nil,
        maxAge: Duration? = nil, maxMemoryMiB: Int? = nil, startupTimeout: Duration = .seconds(30), pipeline: Int = 16
    ) {
        self.min = min
        self.max = max
        self.idleTimeout = idleTimeout
        self.maxTasks = maxTasks
        self.maxAge = maxAge
        self.maxMemoryMiB = maxMemoryMiB
        self.startupTimeout = startupTimeout
        self.pipeline = pipeline
    }
}
