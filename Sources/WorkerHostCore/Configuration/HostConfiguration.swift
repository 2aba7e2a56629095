/// The whole configuration of a host, as the file, the environment and the defaults give it.
public struct HostConfiguration: Sendable, Hashable {
    /// The schema's version; `1` or `1.0`.
    public var version: String
    /// Where tasks come from.
    public var taskManager: TaskManagerConfiguration
    /// The workers, in the order of the file.
    public var workers: [WorkerConfiguration]
    /// The host's own log.
    public var logging: LoggingConfiguration
    /// Metrics, health and observers.
    public var monitoring: MonitoringConfiguration
    /// Limits and safety.
    public var security: SecurityConfiguration
    /// Warm worker processes (`advanced.worker_pool`); this version does not act on it.
    public var workerPool: WorkerPoolConfiguration
    /// Where the host keeps what must outlive it; absolute.
    public var stateDirectory: String
    /// How long running tasks may go on once the host is told to stop.
    public var shutdownTimeout: Duration

    /// The default of ``shutdownTimeout``: 30 s.
    public static let standardShutdownTimeout = Duration.seconds(30)

    /// A configuration with the defaults of the file.
    public init(
        version: String = "1.0", taskManager: TaskManagerConfiguration, workers: [WorkerConfiguration] = [],
        logging: LoggingConfiguration = LoggingConfiguration(),
        monitoring: MonitoringConfiguration = MonitoringConfiguration(),
        security: SecurityConfiguration = SecurityConfiguration(),
        workerPool: WorkerPoolConfiguration = WorkerPoolConfiguration(), stateDirectory: String,
        shutdownTimeout: Duration = Self.standardShutdownTimeout
    ) {
        self.version = version
        self.taskManager = taskManager
        self.workers = workers
        self.logging = logging
        self.monitoring = monitoring
        self.security = security
        self.workerPool = workerPool
        self.stateDirectory = stateDirectory
        self.shutdownTimeout = shutdownTimeout
    }
}
