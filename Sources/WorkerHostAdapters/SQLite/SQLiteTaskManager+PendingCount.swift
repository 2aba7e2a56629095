import GRDB
import WorkerHostCore

extension SQLiteTaskManager {
    /// How many tasks of the selected types wait, now or later claimable.
    /// - Throws: ``SQLiteQueueError``.
    public func pendingCount(types: [String]) async throws(SQLiteQueueError) -> Int? {
        try await connection.read { db in
            var catalog = TypeCatalog()
            try catalog.refresh(db)
            let ids = catalog.types(selectedBy: types).map(String.init).joined(separator: ",")
            guard !ids.isEmpty else { return 0 }
            let ready = "SELECT count(*) FROM ready WHERE type_id IN (\(ids))"
            let delayed = "SELECT count(*) FROM task_rows WHERE status = 1 AND type_id IN (\(ids))"
            return try (Int.fetchOne(db, sql: ready) ?? 0) + (Int.fetchOne(db, sql: delayed) ?? 0)
        }
    }
}
