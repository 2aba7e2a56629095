/// A task as the TaskManager handed it out: what to do, with what parameters.
public struct WorkerTask: Sendable, Identifiable {
    /// The TaskManager's name for the task.
    public let id: String
    /// The type that decides which worker runs it, for example `YouTube.Scrape`.
    public let type: String
    /// The parameters as they came, byte for byte; normally an object.
    public let params: RawJSON
    /// What else is known about the task.
    public let metadata: TaskMetadata

    /// A task.
    public init(id: String, type: String, params: RawJSON, metadata: TaskMetadata = TaskMetadata()) {
        self.id = id
        self.type = type
        self.params = params
        self.metadata = metadata
    }
}

/// What a TaskManager tells about a task beside its type and parameters.
public struct TaskMetadata: Sendable {
    /// Larger runs first.
    public var priority: Int
    /// When the task was created.
    public var createdAt: Timestamp?
    /// Which attempt this is, counted from 1; the lease that delivered the task is counted.
    public var attempt: Int
    /// After this moment the outcome is of no use any more.
    public var deadline: Timestamp?
    /// The W3C `traceparent` that the task came with; reaches the worker as `TRACEPARENT`.
    public var traceParent: String?
    /// Whatever else came, as a JSON object.
    public var extra: RawJSON?

    /// Metadata of a first attempt.
    public init(
        priority: Int = 0, createdAt: Timestamp? = nil, attempt: Int = 1, deadline: Timestamp? = nil,
        traceParent: String? = nil, extra: RawJSON? = nil
    ) {
        self.priority = priority
        self.createdAt = createdAt
        self.attempt = attempt
        self.deadline = deadline
        self.traceParent = traceParent
        self.extra = extra
    }
}
