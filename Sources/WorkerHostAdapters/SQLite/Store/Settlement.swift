import GRDB
import WorkerHostCore

/// Takes reports: one transaction for all of them, each one checked against the lease it was made under.
struct Settlement {
    let now: Timestamp
    private(set) var change = CountChange()
    /// Whether tasks became claimable.
    private(set) var hasMadeClaimable = false
    /// How many tasks were finished.
    private(set) var finished = 0
    /// Whether tasks were finished.
    var hasFinished: Bool { finished > 0 }

    init(now: Timestamp) {
        self.now = now
    }

    mutating func take(
        _ report: TaskReport, _ db: Database, _ held: inout HeldTasks, _ successes: SuccessStatements
    ) throws -> Acknowledgement {
        guard let id = Int64(report.taskID) else {
            return .rejected(reason: "there is no task '\(report.taskID)': ids of this queue are decimal numbers")
        }
        guard let token = LeaseToken(report.lease.token) else { return .leaseLost }
        if let reason = report.outcome.defect { return .rejected(reason: reason) }
        let report = try Cancellation.applied(to: report, id, token, db)
        guard let task = try held.take(id, token) else { return try refusal(id, token, db) }
        switch report.outcome {
        case .succeeded(let result): try successes.store(task, report.attempt, result)
        case .failed(let failure): try fail(task, report.attempt, failure, db)
        case .retry(let failure, let delay): try retry(task, report.attempt, failure, after: delay, db)
        case .released(_, let delay): try release(task, after: delay, db)
        }
        try record(report, id, db)
        return .accepted
    }

    private static let lease = "attempts = ?, claims = ?, lease_owner = ?, claimed_at = ?"

    private static let attempt = """
        started_at = ?, finished_at = ?, pid = ?, worker = ?, user_time = ?, system_time = ?, peak_memory = ?
        """

    private static let failure = """
        failure_kind = ?, failure_type = ?, failure_message = ?, failure_traceback = ?, failure_exit_code = ?,
            failure_stderr = ?, deaths = deaths + ?
        """

    private func fail(
        _ task: RunningTask, _ attempt: AttemptRecord, _ failure: TaskFailure, _ db: Database
    ) throws {
        try db.cachedStatement(
            sql: """
                UPDATE task_rows SET status = 4, dedupe_state = dedupe_state & 2, \(Self.lease), \(Self.attempt),
                    \(Self.failure) WHERE id = ?
                """
        ).execute(arguments: task.values + attempt.values + failure.values + [task.id])
    }

    private func retry(
        _ task: RunningTask, _ attempt: AttemptRecord, _ failure: TaskFailure, after delay: Duration, _ db: Database
    ) throws {
        try db.cachedStatement(
            sql: """
                UPDATE task_rows SET status = ?, not_before = ?, \(Self.lease), \(Self.attempt), \(Self.failure)
                WHERE id = ?
                """
        ).execute(arguments: waiting(delay) + task.values + attempt.values + failure.values + [task.id])
        if delay <= .zero { try ReadyTasks.insert(task.id, db) }
    }

    private func release(_ task: RunningTask, after delay: Duration, _ db: Database) throws {
        try db.cachedStatement(
            sql: "UPDATE task_rows SET status = ?, not_before = ?, \(RunningTask.givenBack) WHERE id = ?"
        ).execute(arguments: waiting(delay) + task.values(attemptsBack: 1) + [task.id])
        if delay <= .zero { try ReadyTasks.insert(task.id, db) }
    }

    private func waiting(_ delay: Duration) -> StatementArguments {
        guard delay > .zero else { return [RowStatus.ready.rawValue, nil] }
        return [RowStatus.delayed.rawValue, now.advanced(by: delay).microseconds]
    }

    /// Why the task was not taken: a repeated report is accepted again, anything else has lost its lease.
    private func refusal(_ id: Int64, _ token: LeaseToken, _ db: Database) throws -> Acknowledgement {
        let statement = try db.cachedStatement(sql: "SELECT status, lease_owner, claims FROM tasks WHERE id = ?")
        guard let row = try Row.fetchOne(statement, arguments: [id]) else {
            return .rejected(reason: "there is no task \(id)")
        }
        let owner: String? = row[1]
        let isSettled = row[0] != RowStatus.running.rawValue && owner == token.owner && row[2] == token.claim
        return isSettled ? .accepted : .leaseLost
    }
}

// MARK: - What goes with an accepted report

extension Settlement {
    private mutating func record(_ report: TaskReport, _ id: Int64, _ db: Database) throws {
        let attempt = report.attempt
        switch report.outcome {
        case .succeeded:
            change.move(from: \.running, to: \.completed)
            finished += 1
            try Timeline.add(db, task: id, attempt, withStart: false)
        case .failed(let failure):
            change.move(from: \.running, to: \.failed)
            finished += 1
            try Timeline.add(db, task: id, attempt, withStart: false)
            try line(id, attempt, "failed", failure.description, db)
        case .retry(let failure, let delay):
            change.move(from: \.running, to: \.pending)
            hasMadeClaimable = true
            try Timeline.add(db, task: id, attempt, withStart: true)
            try line(id, attempt, "retried", "\(failure.description); next attempt \(moment(delay))", db)
        case .released(let reason, let delay):
            change.move(from: \.running, to: \.pending)
            hasMadeClaimable = true
            try Timeline.add(db, task: id, attempt, withStart: true)
            try line(id, attempt, "released", "\(reason); no attempt is spent; claimable \(moment(delay))", db)
        }
    }

    private func moment(_ delay: Duration) -> String {
        delay > .zero ? "not before \(now.advanced(by: delay))" : "at once"
    }

    private func line(
        _ id: Int64, _ attempt: AttemptRecord, _ kind: String, _ message: String, _ db: Database
    ) throws {
        try Timeline.add(
            db, task: id, at: attempt.endedAt, attempt: attempt.number, kind: kind, message: message)
    }
}
