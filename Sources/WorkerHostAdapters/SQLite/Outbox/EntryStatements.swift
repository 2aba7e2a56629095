import GRDB
import WorkerHostCore

/// The statements that every outcome takes: one to store it, one to read it if it is not in memory, one to delete it.
struct EntryStatements {
    static let columns = "id, outcome, tries, next_at, stored_at, size, task_id, lease_token, lease_expires_at"

    private let db: Database
    private let insert: HotStatement

    init(_ db: Database) throws {
        self.db = db
        insert = try HotStatement(
            db,
            sql: """
                INSERT INTO entries (owner, outcome, stored_at, size, task_id, task_type, lease_token, lease_expires_at,
                    facts, result)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                """)
    }

    /// Stores an outcome and returns its id.
    func store(_ outcome: OutboxOutcome, owner: Int64, now: Timestamp) throws -> Int64 {
        let report = outcome.report
        try insert.bind(1, owner)
        try insert.bind(2, Int64(OutboxEntry.Outcome(report.outcome).rawValue))
        try insert.bind(3, now.microseconds)
        try insert.bind(4, Int64(report.storedSize))
        try insert.bind(5, report.taskID)
        try insert.bind(6, outcome.taskType)
        try insert.bind(7, report.lease.token)
        try insert.bind(8, report.lease.expiresAt?.microseconds)
        try insert.bind(9, ReportCoding.facts(of: report))
        if case .succeeded(let result) = report.outcome {
            try insert.bind(10, result.value.bytes)
        } else {
            try insert.bind(10, nil)
        }
        try insert.run()
        return db.lastInsertedRowID
    }

    /// Notes that a task is not to run again.
    static func remember(_ failure: TaskFailure, taskID: String, type: String, _ db: Database, now: Timestamp) throws {
        let statement = try HotStatement(
            db, sql: "INSERT OR REPLACE INTO failures (task_id, at, task_type, facts) VALUES (?, ?, ?, ?)")
        try statement.bind(1, taskID)
        try statement.bind(2, now.microseconds)
        try statement.bind(3, type)
        try statement.bind(4, ReportCoding.facts(of: failure))
        try statement.run()
    }

    /// The undelivered entries of an owner, the oldest first.
    static func entries(_ db: Database, of owner: Int64) throws -> [OutboxEntry] {
        let statement = try HotStatement(
            db, sql: "SELECT \(columns) FROM entries WHERE owner = ? AND state = 0 ORDER BY id")
        try statement.bind(1, owner)
        var entries: [OutboxEntry] = []
        try statement.run { entries.append(entry(statement)) }
        return entries
    }

    /// The newest undelivered entry of a task.
    static func entry(_ db: Database, ofTask taskID: String) throws -> OutboxEntry? {
        let statement = try HotStatement(
            db, sql: "SELECT \(columns) FROM entries WHERE task_id = ? AND state = 0 ORDER BY id DESC LIMIT 1")
        try statement.bind(1, taskID)
        var found: OutboxEntry?
        try statement.run { found = entry(statement) }
        return found
    }

    /// The entry of that id.
    static func entry(_ db: Database, id: Int64) throws -> OutboxEntry? {
        let statement = try HotStatement(db, sql: "SELECT \(columns) FROM entries WHERE id = ?")
        try statement.bind(1, id)
        var found: OutboxEntry?
        try statement.run { found = entry(statement) }
        return found
    }

    static func entry(_ row: HotStatement) -> OutboxEntry {
        OutboxEntry(
            id: row.integer(0), taskID: row.text(6) ?? "",
            lease: Lease(
                token: row.text(7) ?? "", expiresAt: row.optionalInteger(8).map(Timestamp.init(microseconds:))),
            outcome: OutboxEntry.Outcome(rawValue: Int(row.integer(1))) ?? .failed, size: Int(row.integer(5)),
            storedAt: Timestamp(microseconds: row.integer(4)), tries: Int(row.integer(2)),
            nextTry: row.optionalInteger(3).map(Timestamp.init(microseconds:)))
    }
}
