import GRDB
public import WorkerHostCore

extension SQLiteTaskManager {
    /// Stores how far a task is; see ``reportProgress(_:)``.
    /// - Throws: ``SQLiteQueueError``; nothing was stored then.
    public func reportProgress(
        taskID: String, lease: Lease, percent: Int, message: String?
    ) async throws(SQLiteQueueError) {
        try await reportProgress([TaskProgress(taskID: taskID, lease: lease, percent: percent, message: message)])
    }

    /// Stores how far tasks are, all in one transaction; a task that does not run under its lease is left as it is.
    /// - Throws: ``SQLiteQueueError``; nothing was stored then.
    public func reportProgress(_ progress: [TaskProgress]) async throws(SQLiteQueueError) {
        guard !progress.isEmpty else { return }
        let now = options.now()
        try await noting { () async throws(SQLiteQueueError) in
            try await connection.write { db, _ in
                try db.inTransaction(.immediate) {
                    // What is over is forgotten, so that neither claims nor outcomes have more to write.
                    try db.cachedStatement(
                        sql: """
                            DELETE FROM progress WHERE NOT EXISTS (
                                SELECT 1 FROM running r WHERE r.task_id = progress.task_id AND r.claims = progress.claims)
                            """
                    ).execute()
                    for entry in progress { try Self.store(entry, db, now) }
                    return .commit
                }
            }
        }
    }

    private static func store(_ progress: TaskProgress, _ db: Database, _ now: Timestamp) throws {
        guard let id = Int64(progress.taskID), let token = LeaseToken(progress.lease.token) else { return }
        try db.cachedStatement(
            sql: """
                INSERT INTO progress (task_id, claims, at, percent, message)
                SELECT r.task_id, r.claims, ?, ?, ? FROM running r CROSS JOIN leases l ON l.id = r.lease_id
                WHERE r.task_id = ? AND l.owner = ? AND r.claims = ?
                ON CONFLICT (task_id) DO UPDATE SET
                    claims = excluded.claims, at = excluded.at, percent = excluded.percent, message = excluded.message
                """
        ).execute(
            arguments: [now.microseconds, max(0, min(100, progress.percent)), progress.message?.storable]
                + [id, token.owner, token.claim])
    }
}
