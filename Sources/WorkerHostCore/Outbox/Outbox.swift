/// Keeps outcomes durably until a remote TaskManager has taken them.
///
/// What ``DeliveringTaskManager`` stands on. Several hosts may share one outbox: each entry has one owner at a time, and
/// those of an owner that died are taken over by another. An entry is there until it is settled; a call that returns has
/// outlived any process, a call that throws has changed nothing.
public protocol Outbox: Sendable {
    /// Names the host whose entries are stored from now on. Called once, before anything else; as long as the host
    /// lives nobody takes its entries over.
    func open(owner: String) async throws

    /// Makes this host the owner of the entries that hosts left behind which have died; the oldest first.
    func adopt() async throws -> [OutboxEntry]

    /// Stores outcomes, all or none.
    /// - Returns: their ids, in the same order; each is greater than all before.
    func store(_ outcomes: [OutboxOutcome]) async throws -> [Int64]

    /// The reports of entries of this host; those that are not there (any more) are left out.
    func reports(of ids: [Int64]) async throws -> [Int64: TaskReport]

    /// Notes what became of entries of this host, all or none.
    func settle(_ settlements: [OutboxSettlement]) async throws

    /// What is known about tasks that were leased just now, whoever owns the entry.
    func findings(about taskIDs: [String]) async throws -> OutboxFindings

    /// Puts an undelivered entry under another lease of its task, and makes this host its owner.
    /// - Returns: the entry as it is now; nil if it was settled meanwhile.
    func rebind(_ id: Int64, to lease: Lease) async throws -> OutboxEntry?

    /// All undelivered entries of this host, if somebody has edited the outbox by hand since the last call
    /// (`workerhost outbox`); nil if nobody has. Called once a second while there is something to deliver.
    func entriesIfEdited() async throws -> [OutboxEntry]?

    /// How many entries are marked as rejected, whoever owns them.
    func rejectedCount() async throws -> Int

    /// The host ends; what is left is taken over by the next one.
    func close() async
}

/// An outcome that is to be stored.
public struct OutboxOutcome: Sendable {
    /// The outcome, and the lease that it belongs to.
    public let report: TaskReport
    /// The task's type; empty if it is not known.
    public let taskType: String
    /// Whether the failure is remembered, so that the task is not run again when it is handed out again.
    public let isRemembered: Bool

    /// An outcome.
    public init(report: TaskReport, taskType: String, isRemembered: Bool = false) {
        self.report = report
        self.taskType = taskType
        self.isRemembered = isRemembered
    }
}

/// An undelivered outcome as the delivery knows it: without what the worker returned.
public struct OutboxEntry: Sendable, Hashable {
    /// The kinds of outcome.
    public enum Outcome: Int, Sendable, Hashable {
        /// Done.
        case succeeded = 0
        /// Finally failed.
        case failed = 1
        /// Failed, to be tried again.
        case retry = 2
        /// Given back.
        case released = 3

        /// The kind of an outcome.
        public init(_ outcome: TaskReport.Outcome) {
            switch outcome {
            case .succeeded: self = .succeeded
            case .failed: self = .failed
            case .retry: self = .retry
            case .released: self = .released
            }
        }

        /// Whether the task is over with it. Anything else is of no use once the task was leased anew.
        public var isFinal: Bool { self == .succeeded || self == .failed }
    }

    /// Unique in the outbox, never used again.
    public let id: Int64
    /// The task.
    public let taskID: String
    /// The lease under which it is delivered.
    public let lease: Lease
    /// What came out.
    public let outcome: Outcome
    /// The bytes that it takes, about.
    public let size: Int
    /// When it was stored.
    public let storedAt: Timestamp
    /// How often its delivery has failed.
    public let tries: Int
    /// When it is tried again; nil for at once.
    public let nextTry: Timestamp?

    /// An entry.
    public init(
        id: Int64, taskID: String, lease: Lease, outcome: Outcome, size: Int, storedAt: Timestamp, tries: Int = 0,
        nextTry: Timestamp? = nil
    ) {
        self.id = id
        self.taskID = taskID
        self.lease = lease
        self.outcome = outcome
        self.size = size
        self.storedAt = storedAt
        self.tries = tries
        self.nextTry = nextTry
    }
}

/// What became of an entry.
public enum OutboxSettlement: Sendable {
    /// The TaskManager has it, or it is of no use any more: it goes.
    case gone(id: Int64)
    /// The TaskManager will never take it: it is kept, marked, for somebody to look at; and its task is not run again
    /// if there is a failure to remember.
    case rejected(id: Int64, reason: String, remembered: TaskFailure?)
    /// It could not be delivered now.
    case postponed(id: Int64, tries: Int, next: Timestamp, error: String)
}

/// What an outbox knows about tasks.
public struct OutboxFindings: Sendable {
    /// The newest undelivered outcome of a task, by its id.
    public var undelivered: [String: OutboxEntry]
    /// The failures of tasks that are not to run again.
    public var failures: [String: TaskFailure]

    /// Findings.
    public init(undelivered: [String: OutboxEntry] = [:], failures: [String: TaskFailure] = [:]) {
        self.undelivered = undelivered
        self.failures = failures
    }
}
