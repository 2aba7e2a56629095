import GRDB
import WorkerHostCore

/// Stores results: what nearly every task comes to, so what is not needed is not written.
struct SuccessStatements {
    private static let lease = "AND status = 2 AND lease_owner = ? AND claims = ?"

    /// For a task that has nothing behind it but this attempt.
    static let plain = """
        UPDATE tasks SET status = 3, lease_expires_at = NULL, started_at = ?, finished_at = ?, pid = ?, worker = ?,
            result = ?
        WHERE id = ? \(lease) AND failure_kind IS NULL AND dedupe_key IS NULL
        """

    static let full = """
        UPDATE tasks SET status = 3, lease_expires_at = NULL, started_at = ?, finished_at = ?, pid = ?, worker = ?,
            result = ?, dedupe_state = dedupe_state & 2, user_time = ?, system_time = ?, peak_memory = ?, logs = ?,
            failure_kind = NULL, failure_type = NULL, failure_message = NULL, failure_traceback = NULL,
            failure_exit_code = NULL, failure_stderr = NULL
        WHERE id = ? \(lease)
        """

    private let db: Database
    private let plain: HotStatement

    init(_ db: Database) throws {
        self.db = db
        plain = try HotStatement(db, sql: Self.plain)
    }

    /// Stores a result under its lease; the connection tells how many rows have changed, one or none.
    func store(_ id: Int64, _ token: LeaseToken, _ attempt: AttemptRecord, _ result: TaskResult) throws {
        if attempt.usage == nil, result.logs == nil {
            try bind(plain, attempt, result)
            try bind(plain, from: 6, id, token)
            try plain.run()
            guard db.changesCount == 0 else { return }
        }
        let full = try HotStatement(db, sql: Self.full)
        try bind(full, attempt, result)
        try full.bind(6, attempt.usage?.userTime.wholeMicroseconds)
        try full.bind(7, attempt.usage?.systemTime.wholeMicroseconds)
        try full.bind(8, attempt.usage?.peakMemory)
        if let logs = result.logs { try full.bind(9, logs.bytes) } else { try full.bind(9, nil) }
        try bind(full, from: 10, id, token)
        try full.run()
    }

    private func bind(_ statement: HotStatement, _ attempt: AttemptRecord, _ result: TaskResult) throws {
        try statement.bind(1, attempt.startedAt?.microseconds)
        try statement.bind(2, attempt.endedAt.microseconds)
        try statement.bind(3, attempt.pid.map(Int64.init))
        try statement.bind(4, attempt.worker.storable)
        try statement.bind(5, result.value.bytes)
    }

    private func bind(_ statement: HotStatement, from index: Int32, _ id: Int64, _ token: LeaseToken) throws {
        try statement.bind(index, id)
        try statement.bind(index + 1, token.owner)
        try statement.bind(index + 2, token.claim)
    }
}
