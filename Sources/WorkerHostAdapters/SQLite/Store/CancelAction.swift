import GRDB
import WorkerHostCore

/// Cancels some tasks. Only inside a write transaction.
struct CancelAction: Sendable {
    /// So many at a time, so that no transaction holds the write lock for long.
    static let batch = 200

    let reason: String?
    let now: Timestamp
    private(set) var change = CountChange()
    /// Whether tasks were finished.
    private(set) var hasFinished = false
    /// Whether hosts have something to end.
    private(set) var hasRequested = false

    init(reason: String?, now: Timestamp) {
        self.reason = reason?.storable
        self.now = now
    }

    /// What came of each, in the same order.
    mutating func callAsFunction(_ ids: [String], _ db: Database) throws -> [CancelOutcome] {
        change = CountChange()
        let outcomes = try ids.map { try cancel($0, db) }
        try change.write(db)
        return outcomes
    }

    static let look = """
        SELECT t.id, t.status, y.name, t.attempts, t.claims, t.lease_owner, t.lease_expires_at
        FROM tasks t JOIN task_types y ON y.id = t.type_id WHERE t.id = ?
        """

    private mutating func cancel(_ id: String, _ db: Database) throws -> CancelOutcome {
        guard let number = Int64(id),
            let row = try Row.fetchOne(try db.cachedStatement(sql: Self.look), arguments: [number])
        else { return CancelOutcome(unknown: id) }
        let result: CancelOutcome.Result =
            switch RowStatus(rawValue: row[1]) {
            case .ready, .delayed: try endWaiting(number, row, db)
            case .running: try endRunning(number, row, db)
            case .completed: .finished(.completed)
            case .failed, nil: .finished(.failed)
            }
        return CancelOutcome(id: String(number), result: result, type: row[2])
    }

    private mutating func endWaiting(_ id: Int64, _ row: Row, _ db: Database) throws -> CancelOutcome.Result {
        let attempts: Int = row[3]
        try line(id, attempts, db)
        let message = "the task was cancelled while it waited\(attempts == 0 ? "" : " to be tried again")"
        try Cancellation.end(id, attempt: attempts, message, reason: reason, db, now)
        change.move(from: \.pending, to: \.failed)
        hasFinished = true
        return .cancelled
    }

    private mutating func endRunning(_ id: Int64, _ row: Row, _ db: Database) throws -> CancelOutcome.Result {
        let owner: String? = row[5]
        if let expiry = row.timestamp(at: 6), expiry <= now {
            // No host may run it under this lease any more, and the next one must not begin it.
            try line(id, row[3], db)
            let silence = "its host '\(owner ?? "")' had gone silent, and its lease ended at \(expiry)"
            try Cancellation.end(
                id, attempt: row[3], "the task was cancelled; \(silence)", reason: reason, db, now)
            change.move(from: \.running, to: \.failed)
            hasFinished = true
            return .cancelled
        }
        if try Cancellation.request(for: id, claim: row[4], db) != nil { return .requested(host: owner, isNew: false) }
        try Cancellation.note(id, claim: row[4], reason: reason, db)
        try line(id, row[3], db)
        hasRequested = true
        return .requested(host: owner, isNew: true)
    }

    private func line(_ id: Int64, _ attempt: Int, _ db: Database) throws {
        try Timeline.add(
            db, task: id, at: now, attempt: attempt, kind: "cancel_requested",
            message: reason.map { "by an operator: \($0)" } ?? "by an operator")
    }
}
