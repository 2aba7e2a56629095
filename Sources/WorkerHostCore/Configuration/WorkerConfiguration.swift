/// One worker: how its process is started and which tasks it runs.
public struct WorkerConfiguration: Sendable, Hashable {
    /// How processes and tasks go together.
    public enum Mode: String, Sendable, Hashable, CaseIterable {
        /// One process per task.
        case oneshot
        /// A process serves one task after another.
        case pool
        /// A template process forks a child per task.
        case fork
        /// One process serves a batch of tasks.
        case batch
    }

    /// How frames are written.
    public enum Format: String, Sendable, Hashable, CaseIterable {
        /// JSON text.
        case json
        /// MessagePack behind a 4-byte length.
        case msgpack
    }

    /// Limits of one worker process.
    public struct Limits: Sendable, Hashable {
        /// Most memory that the process may allocate, in mebibytes; nil for no limit of its own.
        public var maxMemoryMiB: Int?
        /// Most bytes of a reply (all of standard output); more is discarded and fails the task.
        public var maxReplyBytes: Int
        /// Bytes of standard error that are kept with a failure.
        public var keptErrorBytes: Int
        /// Most open files; nil takes the host's soft limit, at most 1,048,576.
        public var maxOpenFiles: Int?

        /// Limits.
        public init(
            maxMemoryMiB: Int? = nil, maxReplyBytes: Int = 16 << 20, keptErrorBytes: Int = 64 << 10,
            maxOpenFiles: Int? = nil
        ) {
            self.maxMemoryMiB = maxMemoryMiB
            self.maxReplyBytes = maxReplyBytes
            self.keptErrorBytes = keptErrorBytes
            self.maxOpenFiles = maxOpenFiles
        }
    }

    /// The worker's name.
    public var name: String
    /// What it does, for people.
    public var description: String
    /// The directory the process starts in; absolute.
    public var projectPath: String
    /// The interpreter of the worker's virtualenv; absolute. nil if ``command`` is given.
    public var venvPython: String?
    /// The Python module that is run with `-m`.
    public var module: String?
    /// Given to the module as its first argument.
    public var function: String?
    /// The whole command line, for workers that are not Python modules.
    public var command: [String]?
    /// The service that runs the tasks, if the worker is no process (`type: http`).
    public var remote: RemoteWorkerConfiguration?
    /// Selectors of the types it runs: `Name`, `Prefix.*` or `*`.
    public var taskTypes: [String]
    /// The longest an attempt may run.
    public var timeout: Duration
    /// How long a process may go on after SIGTERM before it is killed.
    public var stopGrace: Duration
    /// How often a failing task is tried (`max_retries`: all attempts together) and how long it waits in between.
    public var retry: RetryPolicy
    /// How processes and tasks go together.
    public var mode: Mode
    /// How frames are written.
    public var format: Format
    /// Most processes at once.
    public var concurrency: Int
    /// Limits of one process.
    public var limits: Limits
    /// How the processes are kept in the mode ``Mode/pool``.
    public var pool: PoolSettings
    /// How tasks are put together in the mode ``Mode/batch``.
    public var batch: BatchSettings
    /// How the template is kept in the mode ``Mode/fork``.
    public var fork: ForkSettings
    /// Whatever the configuration holds under `sandbox`; this version does not act on it.
    public var sandbox: RawJSON?
    /// The JSON Schema that a task's parameters must satisfy.
    public var schema: RawJSON?
    /// Environment variables of the process, beside the few that every worker gets.
    public var environment: [String: String]
    /// Names of the host's own variables that are passed on.
    public var inheritedEnvironment: [String]
    /// Whatever the configuration holds under `metadata`, as a JSON object.
    public var metadata: RawJSON

    /// A worker with the defaults of the configuration file.
    public init(
        name: String, description: String = "", projectPath: String, venvPython: String? = nil, module: String? = nil,
        function: String? = nil, command: [String]? = nil, remote: RemoteWorkerConfiguration? = nil,
        taskTypes: [String], timeout: Duration = .seconds(300),
        stopGrace: Duration = .seconds(5), retry: RetryPolicy = RetryPolicy(), mode: Mode = .oneshot,
        format: Format = .json, concurrency: Int? = nil, limits: Limits = Limits(), pool: PoolSettings = PoolSettings(),
        fork: ForkSettings = ForkSettings(), batch: BatchSettings = BatchSettings(), sandbox: RawJSON? = nil,
        schema: RawJSON? = nil,
        environment: [String: String] = [:],
        inheritedEnvironment: [String] = [], metadata: RawJSON = .emptyObject
    ) {
        self.name = name
        self.description = description
        self.projectPath = projectPath
        self.venvPython = venvPython
        self.module = module
        self.function = function
        self.command = command
        self.remote = remote
        self.taskTypes = taskTypes
        self.timeout = timeout
        self.stopGrace = stopGrace
        self.retry = retry
        self.mode = mode
        self.format = format
        self.concurrency = max(1, concurrency ?? Self.coreCount)
        self.limits = limits
        self.pool = pool
        self.batch = batch
        self.fork = fork
        self.sandbox = sandbox
        self.schema = schema
        self.environment = environment
        self.inheritedEnvironment = inheritedEnvironment
        self.metadata = metadata
    }

    /// The command line that starts the worker.
    public var commandLine: [String] {
        if let command, !command.isEmpty { return command }
        if let remote { return ["POST", remote.url] }
        var words = [venvPython ?? "python3"]
        if let module { words += ["-m", module] }
        if let function { words.append(function) }
        return words
    }
}
