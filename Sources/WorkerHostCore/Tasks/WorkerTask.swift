/// A task as the TaskManager handed it out: what to do, with what parameters.
///
/// A task is handed on many times on its way, so a copy is one reference.
public struct WorkerTask: Sendable, Identifiable {
    private final class Content: Sendable {
        let id: String
        let type: String
        let params: RawJSON
        let metadata: TaskMetadata

        init(_ id: String, _ type: String, _ params: RawJSON, _ metadata: TaskMetadata) {
            (self.id, self.type, self.params, self.metadata) = (id, type, params, metadata)
        }
    }

    private let content: Content

    /// A task.
    public init(id: String, type: String, params: RawJSON, metadata: TaskMetadata = TaskMetadata()) {
        content = Content(id, type, params, metadata)
    }

    /// The TaskManager's name for the task.
    public var id: String { content.id }
    /// The type that decides which worker runs it, for example `YouTube.Scrape`.
    public var type: String { content.type }
    /// The parameters as they came, byte for byte; normally an object.
    public var params: RawJSON { content.params }
    /// What else is known about the task.
    public var metadata: TaskMetadata { content.metadata }
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
