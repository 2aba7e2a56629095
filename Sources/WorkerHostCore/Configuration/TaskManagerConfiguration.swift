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

    /// Who repeats a failed task.
    public enum Retries: String, Sendable, Hashable, CaseIterable {
        /// The host, after its own backoff.
        case host
        /// The TaskManager, which is told of every failed attempt.
        case taskManager = "task_manager"
    }

    /// The kind.
    public var kind: Kind
    /// The address, for remote TaskManagers.
    public var url: String?
    /// The key, for remote TaskManagers.
    public var apiKey: Secret?
    /// How a TaskManager behind an API is called.
    public var connection: Connection
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
    /// Who repeats a failed task.
    public var retries: Retries
    /// What becomes of tasks that no worker can run.
    public var unknownTypes: UnknownTypes
    /// How hard the embedded queue tries to survive a loss of power.
    public var durability: Durability
    /// How long the embedded queue keeps finished tasks.
    public var keep: Retention

    /// A TaskManager with the defaults of the file.
    public init(
        kind: Kind, url: String? = nil, apiKey: Secret? = nil, connection: Connection = Connection(),
        path: String? = nil,
        pollInterval: Duration = .seconds(5), timeout: Duration = .seconds(30), maxRetries: Int = 3,
        retryBackoff: Duration = .seconds(1), claimTimeout: Duration = .seconds(30),
        retries: Retries = .host, unknownTypes: UnknownTypes = .fail, durability: Durability = .process,
        keep: Retention = Retention()
    ) {
        self.kind = kind
        self.url = url
        self.apiKey = apiKey
        self.connection = connection
        self.path = path
        self.pollInterval = pollInterval
        self.timeout = timeout
        self.maxRetries = maxRetries
        self.retryBackoff = retryBackoff
        self.claimTimeout = claimTimeout
        self.retries = retries
        self.unknownTypes = unknownTypes
        self.durability = durability
        self.keep = keep
    }
}
