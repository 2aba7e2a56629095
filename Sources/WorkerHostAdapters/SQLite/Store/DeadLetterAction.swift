import GRDB
import WorkerHostCore

/// Retries or discards some dead letters. To be done, only inside a write transaction.
struct DeadLetterAction: Sendable {
    enum Kind: Sendable {
        case retry(after: Duration)
        case discard
    }

    /// So many at a time, so that no transaction holds the write lock for long.
    static let batch = 200

    let kind: Kind
    let now: Timestamp
    let isDryRun: Bool
    private(set) var change = CountChange()
    /// In a dry run: the dedupe keys that earlier tasks of the run would hold by now. Only keys that several dead
    /// letters share, so that it stays small.
    private var takenKeys: [String: String] = [:]

    init(_ kind: Kind, now: Timestamp, isDryRun: Bool) {
        self.kind = kind
        self.now = now
        self.isDryRun = isDryRun
    }

    /// What came of each, in the same order.
    mutating func callAsFunction(_ ids: [String], _ db: Database) throws -> [DeadLetterOutcome] {
        change = CountChange()
        let outcomes = try ids.map { try take($0, db) }
        if !isDryRun { try change.write(db) }
        return outcomes
    }

    private static let look = """
        SELECT t.id, t.status, y.name, t.failure_type, t.attempts, t.deadline, t.dedupe_key, t.started_at, t.worker,
            t.pid
        FROM tasks t JOIN task_types y ON y.id = t.type_id WHERE t.id = ?
        """

    private mutating func take(_ id: String, _ db: Database) throws -> DeadLetterOutcome {
        guard let number = Int64(id),
            let row = try Row.fetchOne(try db.cachedStatement(sql: Self.look), arguments: [number])
        else {
            return DeadLetterOutcome(unknown: id)
        }
        let result = try refusal(number, row, db) ?? .done
        if result == .done, !isDryRun {
            switch kind {
            case .retry(let delay): try requeue(number, row, after: delay, db)
            case .discard: change.failed -= try Removal.discard(number, db)
            }
        }
        let status = RowStatus(rawValue: row[1])?.status
        return DeadLetterOutcome(
            id: String(number), result: result, type: row[2], errorType: status == .failed ? row[3] : nil,
            attempts: row[4])
    }

    private mutating func refusal(_ id: Int64, _ row: Row, _ db: Database) throws -> DeadLetterOutcome.Result? {
        guard let status = RowStatus(rawValue: row[1])?.status, status == .failed else {
            return .notADeadLetter(RowStatus(rawValue: row[1])?.status ?? .pending)
        }
        guard case .retry(let delay) = kind else { return nil }
        if let deadline = row.timestamp(at: 5), deadline <= now.advanced(by: max(.zero, delay)) {
            return .deadlinePassed(deadline)
        }
        let key: String? = row[6]
        guard let key else { return nil }
        let holder = try Int64.fetchOne(
            try db.cachedStatement(
                sql: "SELECT id FROM task_rows WHERE dedupe_key = ? AND dedupe_state > 0 AND id <> ? LIMIT 1"),
            arguments: [key, id])
        if let holder { return .keyHeld(key: key, by: String(holder)) }
        guard isDryRun else { return nil }
        if let holder = takenKeys[key] { return .keyHeld(key: key, by: holder) }
        let others = try Bool.fetchOne(
            try db.cachedStatement(
                sql: "SELECT EXISTS (SELECT 1 FROM task_rows WHERE dedupe_key = ? AND status = 4 AND id <> ?)"),
            arguments: [key, id])
        if others == true { takenKeys[key] = String(id) }
        return nil
    }

    private mutating func requeue(_ id: Int64, _ row: Row, after delay: Duration, _ db: Database) throws {
        let attempts: Int = row[4]
        // The row keeps the start of the last attempt only until the next one.
        if let start = row.timestamp(at: 7) {
            try Timeline.add(
                db, task: id, at: start, attempt: attempts, kind: "started",
                message: Timeline.startMessage(worker: row[8], pid: row[9]))
        }
        let isDelayed = delay > .zero
        let notBefore = isDelayed ? now.advanced(by: delay) : nil
        let when = notBefore.map { "; claimable not before \($0)" } ?? ""
        try Timeline.add(
            db, task: id, at: now, attempt: 0, kind: "requeued",
            message: "retried by an operator; \(attempts) attempt\(attempts == 1 ? "" : "s") spent before, "
                + "counting begins anew\(when)")
        try db.cachedStatement(
            sql: """
                UPDATE task_rows SET status = ?, not_before = ?, attempts = 0, deaths = 0,
                    dedupe_state = CASE WHEN dedupe_key IS NULL THEN 0 ELSE max(dedupe_state, 1) END
                WHERE id = ? AND status = 4
                """
        ).execute(arguments: [
            isDelayed ? RowStatus.delayed.rawValue : RowStatus.ready.rawValue, notBefore?.microseconds, id,
        ])
        guard db.changesCount == 1 else { return }
        change.move(from: \.failed, to: \.pending)
        if !isDelayed { try ReadyTasks.insert(id, db) }
    }
}
