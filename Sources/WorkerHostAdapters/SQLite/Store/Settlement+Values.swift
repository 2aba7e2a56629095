import GRDB
import WorkerHostCore

extension TaskReport.Outcome {
    /// Why the outcome can never be stored; nil if it can.
    var defect: String? {
        guard case .succeeded(let result) = self else { return nil }
        let size = max(result.value.bytes.count, result.logs?.bytes.count ?? 0)
        guard size > LargeParams.maximum else { return nil }
        return "the result has \(size) bytes, more than the \(LargeParams.maximum) that the queue stores"
    }
}

extension AttemptRecord {
    /// In the order of the columns that an attempt sets.
    var values: StatementArguments {
        [
            startedAt?.microseconds, endedAt.microseconds, pid.map { Int64($0) }, worker.storable,
            usage?.userTime.wholeMicroseconds, usage?.systemTime.wholeMicroseconds, usage?.peakMemory,
        ]
    }
}

extension TaskFailure {
    /// In the order of the columns that a failure sets.
    var values: StatementArguments {
        let isDeath = if case .crashed = kind { 1 } else { 0 }
        return [
            kind.name, type.storable, message.storable, traceback?.storable, exitCode.map { Int64($0) },
            standardErrorTail?.storable, isDeath,
        ]
    }
}

extension RunningTask {
    /// What a row tells of a claim that is over, in the order of its columns.
    var values: StatementArguments { [attempts, claims, lease.owner, lease.claimedAt] }

    /// The columns of a task that was not run to an end: nothing is left of the attempt.
    static let givenBack = """
        attempts = ?, claims = ?, lease_owner = ?, claimed_at = ?, started_at = NULL, finished_at = NULL, pid = NULL,
            worker = NULL, user_time = NULL, system_time = NULL, peak_memory = NULL
        """

    /// The values of ``givenBack``.
    func values(attemptsBack: Int64, owner: String?) -> StatementArguments {
        [max(0, attempts - attemptsBack), claims, owner, lease.claimedAt]
    }

    func values(attemptsBack: Int64) -> StatementArguments { values(attemptsBack: attemptsBack, owner: lease.owner) }
}
