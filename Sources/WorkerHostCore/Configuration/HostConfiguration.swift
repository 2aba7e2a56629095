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
    /// Where the host keeps what must outlive it; absolute.
    public var stateDirectory: String
    /// How long running tasks may go on once the host is told to stop.
    public var shutdownTimeout: Duration

    /// A configuration with the defaults of the file.
    public init(
        version: String = "1.0", taskManager: TaskManagerConfiguration, workers: [WorkerConfiguration] = [],
        logging: LoggingConfiguration = LoggingConfiguration(),
        monitoring: MonitoringConfiguration = MonitoringConfiguration(),
        security: SecurityConfiguration = SecurityConfiguration(), stateDirectory: String,
        shutdownTimeout: Duration = .seconds(30)
    ) {
        self.version = version
        self.taskManager = taskManager
        self.workers = workers
        self.logging = logging
        self.monitoring = monitoring
        self.security = security
        self.stateDirectory = stateDirectory
        self.shutdownTimeout = shutdownTimeout
    }
}

/// Where tasks come from.
public struct TaskManagerConfiguration: Sendable, Hashable {
    /// The kinds of TaskManager.
    public enum Kind: String, Sendable, Hashable, CaseIterable {
        /// A REST API.
        case http
        /// RabbitMQ.
        case amqp
        /// Redis Streams.
        case redis
        /// The embedded queue.
        case sqlite
    }

    /// What becomes of queued tasks that no configured worker can run.
    public enum UnknownTypes: String, Sendable, Hashable, CaseIterable {
        /// They are failed with `no_worker` and kept as dead letters.
        case fail
        /// They are left for another host.
        case leave
    }

    /// How hard the embedded queue tries to survive a loss of power.
    public enum Durability: String, Sendable, Hashable, CaseIterable {
        /// Survives the death of any process; the last moments before a power cut may run again.
        case process
        /// Every outcome is on the disk before it is acknowledged.
        case power
    }

    /// The kind.
    public var kind: Kind
    /// The address, for remote TaskManagers.
    public var url: String?
    /// The key, for remote TaskManagers.
    public var apiKey: Secret?
    /// The queue file of the embedded TaskManager; absolute.
    public var path: String?
    /// The longest wait between two looks for work.
    public var pollInterval: Duration
    /// The longest a call may take.
    public var timeout: Duration
    /// How often a call is tried.
    public var maxRetries: Int
    /// The first wait of a repeated call; also the default first wait of a retried task.
    public var retryBackoff: Duration
    /// How long a lease lasts.
    public var claimTimeout: Duration
    /// What becomes of tasks that no worker can run.
    public var unknownTypes: UnknownTypes
    /// How hard the embedded queue tries to survive a loss of power.
    public var durability: Durability

    /// A TaskManager with the defaults of the file.
    public init(
        kind: Kind, url: String? = nil, apiKey: Secret? = nil, path: String? = nil,
        pollInterval: Duration = .seconds(5), timeout: Duration = .seconds(30), maxRetries: Int = 3,
        retryBackoff: Duration = .seconds(1), claimTimeout: Duration = .seconds(30),
        unknownTypes: UnknownTypes = .fail, durability: Durability = .process
    ) {
        self.kind = kind
        self.url = url
        self.apiKey = apiKey
        self.path = path
        self.pollInterval = pollInterval
        self.timeout = timeout
        self.maxRetries = maxRetries
        self.retryBackoff = retryBackoff
        self.claimTimeout = claimTimeout
        self.unknownTypes = unknownTypes
        self.durability = durability
    }
}

/// The host's own log.
public struct LoggingConfiguration: Sendable, Hashable {
    /// Least level that is written.
    public var level: LogLevel
    /// A Python %-style format; nil for the default.
    public var format: String?
    /// The file; nil for standard error. Absolute.
    public var file: String?
    /// The file is rotated when it grows over so many bytes.
    public var maxBytes: Int
    /// So many rotated files are kept.
    public var backupCount: Int
    /// JSON lines in place of text.
    public var structured: Bool
    /// Whether the workers' own output goes to the log.
    public var captureWorkerOutput: Bool

    /// A log with the defaults of the file.
    public init(
        level: LogLevel = .info, format: String? = nil, file: String? = nil, maxBytes: Int = 10 << 20,
        backupCount: Int = 5, structured: Bool = false, captureWorkerOutput: Bool = true
    ) {
        self.level = level
        self.format = format
        self.file = file
        self.maxBytes = maxBytes
        self.backupCount = backupCount
        self.structured = structured
        self.captureWorkerOutput = captureWorkerOutput
    }
}

/// Python's level names, which are the file's.
public enum LogLevel: String, Sendable, Hashable, CaseIterable {
    /// Everything.
    case debug = "DEBUG"
    /// What an operator wants to follow.
    case info = "INFO"
    /// What may need a look.
    case warning = "WARNING"
    /// What went wrong.
    case error = "ERROR"
    /// What stops the host.
    case critical = "CRITICAL"
}

/// Metrics, health and observers.
public struct MonitoringConfiguration: Sendable, Hashable {
    /// An observer of the file.
    public struct ObserverEntry: Sendable, Hashable {
        /// The bundled kinds.
        public enum Kind: String, Sendable, Hashable, CaseIterable {
            /// Writes events to the log.
            case logging
            /// Counts.
            case metrics
            /// Alerts.
            case alerting
        }

        /// The kind.
        public var kind: Kind
        /// Whether it is used.
        public var enabled: Bool

        /// An entry.
        public init(kind: Kind, enabled: Bool = true) {
            self.kind = kind
            self.enabled = enabled
        }
    }

    /// Whether anything is served.
    public var enabled: Bool
    /// The observers; without any, the logging observer is used.
    public var observers: [ObserverEntry]

    /// Monitoring with the defaults of the file.
    public init(enabled: Bool = true, observers: [ObserverEntry] = [ObserverEntry(kind: .logging)]) {
        self.enabled = enabled
        self.observers = observers
    }
}

/// Limits on what a configuration may start.
public struct SecurityConfiguration: Sendable, Hashable {
    /// Whether workers' paths are checked before use: they exist, and nobody else can write to them.
    public var validateWorkerPaths: Bool
    /// Python modules that no worker may run; a name covers its submodules.
    public var restrictedModules: [String]

    /// Security with the defaults of the file.
    public init(validateWorkerPaths: Bool = true, restrictedModules: [String] = []) {
        self.validateWorkerPaths = validateWorkerPaths
        self.restrictedModules = restrictedModules
    }
}
