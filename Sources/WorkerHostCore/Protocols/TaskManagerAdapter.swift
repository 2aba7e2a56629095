/// The way to a TaskManager: leases tasks from it and reports their outcomes.
///
/// Three methods are required. An adapter is used from many tasks at once.
public protocol TaskManagerAdapter: Sendable {
    /// Leases at most `limit` tasks of `types`; waits up to the adapter's poll interval for one; empty means none now.
    ///
    /// Returns as soon as there is at least one task; it never waits to fill `limit`. When the calling task is
    /// cancelled it returns promptly, and a lease that was taken meanwhile is returned or given back, never forgotten.
    /// - Parameters:
    ///   - limit: at least 1.
    ///   - types: selectors as ``TaskTypeSelection`` reads them: `Name`, `Prefix.*`, `*`, and `!Name` or `!Prefix.*`
    ///     to leave something out.
    func receiveTasks(limit: Int, types: [String]) async throws -> [LeasedTask]

    /// Reports outcomes; one acknowledgement per report, in the same order.
    /// - Throws: when nothing is known about any of the reports; the host reports them again.
    func complete(_ reports: [TaskReport]) async throws -> [Acknowledgement]

    /// Whether work can flow: judged by the age of the last answered call, not by an open socket.
    func healthCheck() async -> HealthStatus

    /// What the TaskManager does by itself.
    var abilities: TaskManagerAbilities { get }

    /// How long a lease lasts unless it is extended; nil if leases cannot be extended or do not end.
    var leaseDuration: Duration? { get }

    /// Extends leases; returns the ids of the tasks whose lease is lost.
    func extendLeases(_ leases: [(taskID: String, lease: Lease)]) async throws -> [String]

    /// Waits until tasks that this host has leased are cancelled, and returns the requests; nil if the TaskManager never
    /// tells, then it is not asked again.
    ///
    /// One call at a time, as long as the host runs. Each request is returned once; it may come before the call of
    /// ``receiveTasks(limit:types:)`` that gives the lease has returned. When the calling task is cancelled it returns
    /// promptly. A host that hears of a request too late reports what it would report without it: the TaskManager then
    /// applies the request itself (``CancelRequest/applied(to:)``), as it does when the lease ends unreported.
    func nextCancellations() async throws -> [CancelRequest]?

    /// Gives back tasks that were not started, at once and without spending an attempt.
    func release(_ tasks: [LeasedTask], reason: String) async throws

    /// Passes on a worker's progress, 0...100.
    func reportProgress(taskID: String, lease: Lease, percent: Int, message: String?) async throws

    /// Passes on the progress of several tasks, each of them at most once a second and the last one always.
    ///
    /// One call at a time. What is thrown is tried again with whatever is newer by then; a task that has ended meanwhile
    /// needs no progress.
    func reportProgress(_ progress: [TaskProgress]) async throws

    /// How many tasks wait and run, all hosts together; nil if the TaskManager does not tell.
    func taskCounts() async throws -> TaskCounts?

    /// How many tasks of these types wait, now or later claimable; nil if the TaskManager does not tell.
    func pendingCount(types: [String]) async throws -> Int?

    /// Settles what a host that died left behind; called once per dead host before the first task is leased.
    ///
    /// Tasks that were leased but not started go back without spending an attempt; those that were running go back
    /// with their attempt spent.
    func recover(_ host: DeadHost) async throws

    /// Called once when the host starts, before anything else.
    func start(_ host: HostIdentity) async throws

    /// Called when the host's task types have changed while it runs (``WorkerHost/reload(_:)``), before tasks of the
    /// new ones are asked for.
    func update(_ host: HostIdentity) async throws

    /// Called once when the host has stopped.
    func shutdown() async
}

extension TaskManagerAdapter {
    /// Everything.
    public var abilities: TaskManagerAbilities { .all }

    /// No extension.
    public var leaseDuration: Duration? { nil }

    /// Nothing is extended and nothing is known to be lost.
    public func extendLeases(_ leases: [(taskID: String, lease: Lease)]) async throws -> [String] { [] }

    /// Never tells.
    public func nextCancellations() async throws -> [CancelRequest]? { nil }

    /// Reports the tasks as released.
    public func release(_ tasks: [LeasedTask], reason: String) async throws {
        _ = try await complete(
            tasks.map { leased in
                TaskReport(
                    taskID: leased.task.id, lease: leased.lease, outcome: .released(reason: reason, after: .zero),
                    attempt: AttemptRecord(worker: "", number: leased.task.metadata.attempt))
            })
    }

    /// Progress is dropped.
    public func reportProgress(taskID: String, lease: Lease, percent: Int, message: String?) async throws {}

    /// One after the other.
    public func reportProgress(_ progress: [TaskProgress]) async throws {
        for entry in progress {
            try await reportProgress(
                taskID: entry.taskID, lease: entry.lease, percent: entry.percent, message: entry.message)
        }
    }

    /// Unknown.
    public func taskCounts() async throws -> TaskCounts? { nil }

    /// Unknown.
    public func pendingCount(types: [String]) async throws -> Int? { nil }

    /// Nothing is kept per host.
    public func recover(_ host: DeadHost) async throws {}

    /// Nothing to prepare.
    public func start(_ host: HostIdentity) async throws {}

    /// The types matter only when tasks are asked for.
    public func update(_ host: HostIdentity) async throws {}

    /// Nothing to end.
    public func shutdown() async {}
}

/// How many tasks a TaskManager holds, by state.
public struct TaskCounts: Sendable, Hashable {
    /// Claimable now or later.
    public var pending: Int
    /// Leased.
    public var running: Int
    /// Succeeded.
    public var completed: Int
    /// Finally failed (dead letters).
    public var failed: Int

    /// Counts.
    public init(pending: Int = 0, running: Int = 0, completed: Int = 0, failed: Int = 0) {
        self.pending = pending
        self.running = running
        self.completed = completed
        self.failed = failed
    }
}

/// One run of a host program.
public struct HostIdentity: Sendable, Hashable {
    /// Unique for this run; leases are held under it.
    public let id: String
    /// The host's process.
    public let pid: Int32
    /// The selectors of all task types that this host has a worker for.
    public let types: [String]

    /// An identity.
    public init(id: String, pid: Int32, types: [String]) {
        self.id = id
        self.pid = pid
        self.types = types
    }
}

/// A host that ended without settling its tasks.
public struct DeadHost: Sendable, Hashable {
    /// The id under which it held its leases.
    public let id: String
    /// The tasks whose worker process it had started.
    public let started: [StartedAttempt]

    /// An attempt that a dead host had started.
    public struct StartedAttempt: Sendable, Hashable {
        /// The task.
        public let taskID: String
        /// The lease's token, so that a lease taken later is left alone.
        public let leaseToken: String

        /// An attempt.
        public init(taskID: String, leaseToken: String) {
            self.taskID = taskID
            self.leaseToken = leaseToken
        }
    }

    /// A dead host.
    public init(id: String, started: [StartedAttempt]) {
        self.id = id
        self.started = started
    }
}
