/// How one attempt ended.
public struct AttemptOutcome: Sendable {
    /// The task and its lease.
    public let leased: LeasedTask
    /// What came out.
    public let result: Result<TaskResult, TaskFailure>
    /// The facts.
    public let record: AttemptRecord

    /// An outcome.
    public init(leased: LeasedTask, result: Result<TaskResult, TaskFailure>, record: AttemptRecord) {
        self.leased = leased
        self.result = result
        self.record = record
    }

    /// The outcome of a task that was cancelled while it waited to be started.
    public static func cancelledUnstarted(_ leased: LeasedTask, worker: String) -> AttemptOutcome {
        AttemptOutcome(
            leased: leased,
            result: .failure(
                .cancelled("the task was cancelled before worker '\(worker)' was free to start it", reason: nil)),
            record: AttemptRecord(worker: worker, number: leased.task.metadata.attempt))
    }

    /// The outcome of a task that waits for a worker which is closed.
    static func closedUnstarted(_ leased: LeasedTask, worker: String) -> AttemptOutcome {
        AttemptOutcome(
            leased: leased,
            result: .failure(
                TaskFailure(
                    kind: .interrupted, type: "Interrupted",
                    message: "worker '\(worker)' was closed before the task could be started; the next host runs it")),
            record: AttemptRecord(worker: worker, number: leased.task.metadata.attempt))
    }
}

/// Takes outcomes from the threads that run attempts; must return soon.
public protocol AttemptSink: AnyObject, Sendable {
    /// An attempt has ended.
    func attemptEnded(_ outcome: AttemptOutcome)

    /// Attempts have ended; by default each is passed on by itself.
    func attemptsEnded(_ outcomes: [AttemptOutcome])
}

extension AttemptSink {
    /// Passes each on by itself.
    public func attemptsEnded(_ outcomes: [AttemptOutcome]) {
        for outcome in outcomes { attemptEnded(outcome) }
    }
}
