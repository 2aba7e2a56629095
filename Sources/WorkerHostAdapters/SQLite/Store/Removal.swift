import GRDB
import WorkerHostCore

/// Deletes finished tasks; their timelines and large parameters go with them. Only inside a write transaction.
enum Removal {
    /// Deletes a dead letter as if it had never been: a dedupe key that it held for good is free again.
    /// - Returns: how many were deleted.
    static func discard(_ id: Int64, _ db: Database) throws -> Int {
        try db.cachedStatement(sql: "DELETE FROM task_rows WHERE id = ? AND status = 4").execute(arguments: [id])
        return db.changesCount
    }

    /// Deletes a task that is old enough, unless it was tried again meanwhile. A dedupe key that it held for good stays
    /// held.
    /// - Returns: how many were deleted.
    static func purge(_ id: Int64, _ status: RowStatus, finishedUntil limit: Timestamp, _ db: Database) throws -> Int {
        let arguments: StatementArguments = [id, status.rawValue, limit.microseconds]
        try db.cachedStatement(sql: keepKey).execute(arguments: arguments)
        guard status == .completed else {
            try db.cachedStatement(sql: purgeFailed).execute(arguments: [id, limit.microseconds])
            return db.changesCount
        }
        try db.cachedStatement(sql: "DELETE FROM done WHERE task_id = ? AND finished_at <= ?")
            .execute(arguments: [id, limit.microseconds])
        guard db.changesCount == 1 else { return 0 }
        try db.cachedStatement(sql: "DELETE FROM task_rows WHERE id = ?").execute(arguments: [id])
        return 1
    }

    static let purgeFailed = "DELETE FROM task_rows WHERE id = ? AND status = 4 AND finished_at <= ?"

    private static let keepKey = """
        INSERT OR IGNORE INTO spent_keys (key, task_id) SELECT dedupe_key, id FROM tasks
        WHERE id = ? AND status = ? AND finished_at <= ? AND dedupe_state = 2
        """
}
