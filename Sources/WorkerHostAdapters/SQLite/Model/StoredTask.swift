public import WorkerHostCore

/// A task as the queue file holds it.
public struct StoredTask: Sendable, Identifiable {
    /// The states of a task.
    public enum Status: String, Sendable, Hashable, CaseIterable {
        /// Claimable now or later.
        case pending
        /// Leased by a host.
        case running
        /// Succeeded.
        case completed
        /// Finally failed: a dead letter.
        case failed

        /// Whether nothing follows any more.
        public var isFinished: Bool { self == .completed || self == .failed }
    }

    /// Whether it is a dead letter whose worker process or host died at each of its attempts.
    ///
    /// Such a task likely brings down whatever runs it; it was parked after `max_retries` deaths.
    public var isPoison: Bool {
        status == .failed && Self.isPoison(errorType: failure?.type, attempts: attempts, deaths: deaths)
    }

    /// Whether somebody cancelled it.
    public var isCancelled: Bool {
        status == .failed && failure?.kind == TaskFailure.Kind.permanent.name
            && failure?.type == TaskFailure.cancelledType
    }

    /// ``isPoison`` for SQL, given a dead letter.
    static let poisonCondition = """
        deaths > 0 AND deaths >= attempts - (ifnull(failure_type, '') = 'AttemptsExhausted')
            AND ifnull(failure_type, '') <> 'Cancelled'
        """

    static func isPoison(errorType: String?, attempts: Int, deaths: Int) -> Bool {
        // Somebody's wish says nothing about the task.
        if errorType == TaskFailure.cancelledType { return false }
        // Where hosts died, it was leased once more only to see that no attempt is left.
        let run = errorType == "AttemptsExhausted" ? attempts - 1 : attempts
        return deaths > 0 && deaths >= run
    }

    /// Why the last attempt did not succeed.
    public struct Failure: Sendable, Hashable {
        /// The cause's stable name, for example `timeout` (``/WorkerHostCore/TaskFailure/Kind/name``).
        public let kind: String
        /// The error's type as the worker named it.
        public let type: String
        /// What happened.
        public let message: String
        /// The worker's traceback.
        public let traceback: String?
        /// The exit code, if the process ended by itself.
        public let exitCode: Int?
        /// The last lines on standard error.
        public let standardErrorTail: String?
    }

    /// How far a running task is, as its worker said.
    public struct Progress: Sendable, Hashable {
        /// From 0 to 100.
        public let percent: Int
        /// What it is at.
        public let message: String?
        /// When that was stored.
        public let at: Timestamp
    }

    /// The id: a decimal number that grows with each task and is never used again.
    public let id: String
    /// The type.
    public let type: String
    /// The parameters, byte for byte.
    public let params: RawJSON
    /// Larger runs first.
    public let priority: Int
    /// The state.
    public let status: Status
    /// Attempts spent so far, the running one included.
    public let attempts: Int
    /// How often its worker process crashed or its host went silent.
    public let deaths: Int
    /// When it was added.
    public let createdAt: Timestamp
    /// It does not run before this moment.
    public let notBefore: Timestamp?
    /// After this moment the outcome is of no use.
    public let deadline: Timestamp?
    /// The dedupe key.
    public let dedupeKey: String?
    /// When it was leased last.
    public let claimedAt: Timestamp?
    /// When the worker process of the last reported attempt was started.
    public let startedAt: Timestamp?
    /// When the last outcome was known; of a pending task, when its last attempt ended.
    public let finishedAt: Timestamp?
    /// The worker of the last reported attempt.
    public let worker: String?
    /// The process of the last reported attempt.
    public let pid: Int?
    /// The host that holds the lease; nil unless running.
    public let leaseOwner: String?
    /// When the lease ends unless it is extended; nil unless running.
    public let leaseExpiresAt: Timestamp?
    /// The result, byte for byte.
    public let result: RawJSON?
    /// The worker's `logs` array, byte for byte.
    public let logs: RawJSON?
    /// Why the last attempt failed; nil once the task succeeded.
    public let failure: Failure?
    /// What the last reported attempt used.
    public let usage: ResourceUsage?
    /// The W3C `traceparent` that it came with.
    public let traceParent: String?
    /// What else its worker finds in the metadata, as a JSON object.
    public let extra: RawJSON?
    /// How far it is; nil unless it runs and its worker tells.
    public let progress: Progress?
    /// The lease that it runs under, for who reports an outcome on behalf of the owner; nil unless running.
    public let lease: Lease?
}
