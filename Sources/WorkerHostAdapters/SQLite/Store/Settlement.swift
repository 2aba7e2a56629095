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
        _ report: TaskReport, _ db: Database, _ successes: SuccessStatements
    ) throws -> Acknowledgement {
        guard let id = Int64(report.taskID) else {
            return .rejected(reason: "there is no task '\(report.taskID)': ids of this queue are decimal numbers")
        }
        guard let token = LeaseToken(report.lease.token) else { return .leaseLost }
        if let reason = report.outcome.defect { return .rejected(reason: reason) }
        let report = try Cancellation.applied(to: report, id, token, db)
        switch report.outcome {
        case .succeeded(let result): try successes.store(id, token, report.attempt, result)
        case .failed(let failure): try fail(id, token, report.attempt, failure, db)
        case .retry(let failure, let delay): try retry(id, token, report.attempt, failure, after: delay, db)
        case .released(_, let delay): try release(id, token, after: delay, db)
        }
        guard db.changesCount == 1 else { return try refusal(id, token, db) }
        try record(report, id, db)
        return .accepted
    }

    private static let lease = "WHERE id = ? AND status = 2 AND lease_owner = ? AND claims = ?"

    private static let attempt = """
        started_at = ?, finished_at = ?, pid = ?, worker = ?, user_time = ?, system_time = ?, peak_memory = ?
        """

    private static let failure = """
        failure_kind = ?, failure_type = ?, failure_message = ?, failure_traceback = ?, failure_exit_code = ?,
            failure_stderr = ?, deaths = deaths + ?
        """

    private func fail(
        _ id: Int64, _ token: LeaseToken, _ attempt: AttemptRecord, _ failure: TaskFailure, _ db: Database
    ) throws {
        try db.cachedStatement(
            sql: """
                UPDATE tasks SET status = 4, lease_expires_at = NULL, dedupe_state = dedupe_state & 2, \(Self.attempt),
                    \(Self.failure) \(Self.lease)
                """
        ).execute(arguments: attempt.values + failure.values + token.values(id))
    }

    private func retry(
        _ id: Int64, _ token: LeaseToken, _ attempt: AttemptRecord, _ failure: TaskFailure, after delay: Duration,
        _ db: Database
    ) throws {
        try db.cachedStatement(
            sql: """
                UPDATE tasks SET status = ?, not_before = ?, lease_expires_at = NULL, \(Self.attempt), \(Self.failure)
                \(Self.lease)
                """
        ).execute(arguments: waiting(delay) + attempt.values + failure.values + token.values(id))
    }

    private func release(_ id: Int64, _ token: LeaseToken, after delay: Duration, _ db: Database) throws {
        try db.cachedStatement(
            sql: """
                UPDATE tasks SET status = ?, not_before = ?, lease_expires_at = NULL, attempts = max(0, attempts - 1)
                \(Self.lease)
                """
        ).execute(arguments: waiting(delay) + token.values(id))
    }

    private func waiting(_ delay: Duration) -> StatementArguments {
        guard delay > .zero else { return [RowStatus.ready.rawValue, nil] }
        return [RowStatus.delayed.rawValue, now.advanced(by: delay).microseconds]
    }

    /// Why no row was changed: a repeated report is accepted again, anything else has lost its lease.
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
