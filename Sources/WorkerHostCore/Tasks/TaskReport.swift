/// The outcome of one attempt, as it is reported to the TaskManager.
public struct TaskReport: Sendable {
    /// What the TaskManager is to do with the task.
    public enum Outcome: Sendable {
        /// Done; keep the result.
        case succeeded(TaskResult)
        /// Finally failed: keep it as a dead letter.
        case failed(TaskFailure)
        /// Failed; make it claimable again after the delay. The attempt counts.
        case retry(TaskFailure, after: Duration)
        /// Not run to an end for a reason that is not the task's; make it claimable again. The attempt does not count.
        case released(reason: String, after: Duration)
    }

    /// The task's id.
    public let taskID: String
    /// The lease the attempt ran under.
    public let lease: Lease
    /// What to do.
    public let outcome: Outcome
    /// The facts of the attempt.
    public let attempt: AttemptRecord

    /// A report.
    public init(taskID: String, lease: Lease, outcome: Outcome, attempt: AttemptRecord) {
        self.taskID = taskID
        self.lease = lease
        self.outcome = outcome
        self.attempt = attempt
    }
}

/// What a TaskManager says to one report.
public enum Acknowledgement: Sendable, Hashable {
    /// The outcome is durable.
    case accepted
    /// The lease was not valid any more; the outcome was not taken.
    case leaseLost
    /// The TaskManager will never take this report, for this reason.
    case rejected(reason: String)
    /// Not taken now, though others may have been; the same report is to come again, after the wait if one is given.
    case later(reason: String, after: Duration?)
}
