/// The rules for a lease that ends at a certain time and cannot be extended: it bounds a task's attempts, its retries and
/// the waits between them together, and no process of the task outlives it.
enum FixedLease {
    /// What is left for the end of a process after its grace, and for clocks that do not go quite alike.
    private static let longestMargin = Duration.seconds(1)

    /// When the last attempt under the lease must be told to end, so that it is dead before somebody else may have the
    /// task; nil if the lease does not end.
    static func lastMoment(of lease: Lease, grace: Duration, from now: Timestamp) -> Timestamp? {
        guard let end = lease.expiresAt else { return nil }
        let margin = min(longestMargin, max(.zero, now.duration(to: end) / 20))
        return end.advanced(by: .zero - grace - margin)
    }

    /// The task with the deadline that its lease sets, if that is earlier than its own.
    static func bounded(_ leased: LeasedTask, by moment: Timestamp) -> LeasedTask {
        let task = leased.task
        if let deadline = task.metadata.deadline, deadline <= moment { return leased }
        var metadata = task.metadata
        metadata.deadline = moment
        return leased.with(metadata)
    }

    /// The failure of an attempt that was ended because its lease ends; nil if anything else ended it.
    static func explained(_ failure: TaskFailure, _ outcome: AttemptOutcome, _ grace: Duration) -> TaskFailure? {
        guard failure.kind == .timeout, failure.exitCode == nil, let end = outcome.leased.lease.expiresAt,
            let deadline = outcome.leased.task.metadata.deadline, outcome.record.endedAt >= deadline,
            (Duration.zero...longestMargin).contains(deadline.duration(to: end) - grace)
        else { return nil }
        return TaskFailure(
            kind: .timeout, type: failure.type,
            message:
                "worker '\(outcome.record.worker)' was ended because the task's lease ends at \(end) and cannot be "
                + "extended, whatever its timeout is: raise task_manager.claim_timeout, or make the task smaller",
            isRetriable: false, traceback: failure.traceback, usage: failure.usage,
            standardErrorTail: failure.standardErrorTail)
    }
}

extension LeasedTask {
    /// The same task under the same lease, with other metadata.
    func with(_ metadata: TaskMetadata) -> LeasedTask {
        LeasedTask(
            task: WorkerTask(id: task.id, type: task.type, params: task.params, metadata: metadata), lease: lease)
    }

    /// The next attempt under the same lease.
    var nextAttempt: LeasedTask {
        var metadata = task.metadata
        metadata.attempt += 1
        return with(metadata)
    }
}
