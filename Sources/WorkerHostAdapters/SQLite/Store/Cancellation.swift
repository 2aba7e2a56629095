import GRDB
import WorkerHostCore

/// Requests to cancel leased tasks, and the end of tasks that were cancelled.
///
/// While a request is there for a task's present claim, nothing makes the task claimable again: whatever would, ends it.
enum Cancellation {
    static let find = "SELECT reason FROM cancel_requests WHERE task_id = ? AND claims = ?"

    static let outstanding = """
        SELECT c.task_id, c.claims, c.reason FROM cancel_requests c CROSS JOIN running r ON r.task_id = c.task_id
        CROSS JOIN leases l ON l.id = r.lease_id WHERE r.claims = c.claims AND l.owner = ?
        """

    /// The request for this claim of the task; nil if there is none.
    static func request(for task: Int64, claim: Int64, _ db: Database) throws -> CancelRequest? {
        let row = try Row.fetchOne(try db.cachedStatement(sql: find), arguments: [task, claim])
        return row.map { CancelRequest(taskID: String(task), leaseToken: "", reason: $0[0]) }
    }

    /// What a report comes to if the task was cancelled under this lease.
    static func applied(
        to report: TaskReport, _ task: Int64, _ token: LeaseToken, _ db: Database
    ) throws -> TaskReport {
        switch report.outcome {
        // Looked up only where it matters: finished work counts.
        case .succeeded, .failed: report
        case .retry, .released: try request(for: task, claim: token.claim, db)?.applied(to: report) ?? report
        }
    }

    /// The requests for leases of this host.
    static func outstanding(of owner: String, _ db: Database) throws -> [CancelRequest] {
        let rows = try Row.fetchAll(try db.cachedStatement(sql: outstanding), arguments: [owner])
        return rows.map {
            CancelRequest(
                taskID: String($0[0] as Int64), leaseToken: LeaseToken(owner: owner, claim: $0[1]).text, reason: $0[2])
        }
    }

    /// Notes a request. Only inside a write transaction.
    static func note(_ task: Int64, claim: Int64, reason: String?, _ db: Database) throws {
        // Those for claims that are over, so that the table stays as small as the work that is under way.
        try db.execute(
            sql: """
                DELETE FROM cancel_requests WHERE NOT EXISTS (
                    SELECT 1 FROM running r WHERE r.task_id = cancel_requests.task_id AND r.claims = cancel_requests.claims)
                """)
        try db.cachedStatement(sql: "INSERT INTO cancel_requests (task_id, claims, reason) VALUES (?, ?, ?)")
            .execute(arguments: [task, claim, reason])
    }

    /// Ends an unfinished task whose worker does not run: it fails for good. Only inside a write transaction; the caller
    /// counts it.
    ///
    /// The owner of a lease is forgotten, so that a late report under it is refused. What the row tells of an attempt stands in
    /// the timeline already, or is unknown.
    static func end(
        _ task: Int64, attempt: Int, _ message: String, reason: String?, _ db: Database, _ now: Timestamp
    ) throws {
        let failure = TaskFailure.cancelled(message, reason: reason)
        if let running = try RunningTask.find(task, db) {
            try running.remove(db)
            try db.cachedStatement(sql: "UPDATE task_rows SET \(RunningTask.givenBack) WHERE id = ?")
                .execute(arguments: running.values(attemptsBack: 0, owner: nil) + [task])
        } else {
            try ReadyTasks.remove(task, db)
        }
        try db.cachedStatement(
            sql: """
                UPDATE task_rows SET status = 4, finished_at = ?, not_before = NULL, dedupe_state = dedupe_state & 2,
                    claimed_at = NULL, started_at = NULL,
                    failure_kind = ?, failure_type = ?, failure_message = ?, failure_traceback = NULL,
                    failure_exit_code = NULL, failure_stderr = NULL
                WHERE id = ?
                """
        ).execute(arguments: [now.microseconds, failure.kind.name, failure.type, failure.message.storable, task])
        try Timeline.add(
            db, task: task, at: now, attempt: attempt, kind: "failed", message: failure.description)
    }
}
