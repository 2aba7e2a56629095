import GRDB
public import WorkerHostCore

extension SQLiteOutbox {
    private static let columns = """
        id, task_id, task_type, outcome, state, stored_at, tries, next_at, error, size, lease_token
        """

    /// What the outbox holds.
    /// - Throws: ``SQLiteQueueError``.
    public func overview() async throws(SQLiteQueueError) -> OutboxOverview {
        let size = connection.size
        return try await connection.read { db in
            var overview = OutboxOverview()
            overview.fileSize = size
            let row = try Row.fetchOne(
                db, sql: "SELECT count(*), total(size), min(stored_at) FROM entries WHERE state = 0")
            if let row {
                overview.undelivered = row[0]
                overview.undeliveredBytes = Int64(row[1] as Double)
                overview.oldestStoredAt = (row[2] as Int64?).map(Timestamp.init(microseconds:))
            }
            overview.lastError = try String.fetchOne(
                db, sql: "SELECT error FROM entries WHERE state = 0 AND error IS NOT NULL ORDER BY tries DESC LIMIT 1")
            overview.rejected = try Int.fetchOne(db, sql: "SELECT count(*) FROM entries WHERE state = 1") ?? 0
            overview.remembered = try Int.fetchOne(db, sql: "SELECT count(*) FROM failures") ?? 0
            return overview
        }
    }

    /// Entries, the oldest first, without what they hold.
    /// - Parameters:
    ///   - limit: at most so many.
    ///   - last: only those with a greater id.
    ///   - onlyRejected: only those that the TaskManager refused.
    /// - Throws: ``SQLiteQueueError``.
    public func entries(
        limit: Int, after last: Int64 = 0, onlyRejected: Bool = false
    ) async throws(SQLiteQueueError) -> [StoredOutcome] {
        try await connection.read { db in
            try Row.fetchAll(
                db,
                sql: """
                    SELECT \(Self.columns) FROM entries WHERE id > ? \(onlyRejected ? "AND state = 1" : "")
                    ORDER BY id LIMIT ?
                    """, arguments: [last, limit]
            ).map(StoredOutcome.init)
        }
    }

    /// The entries of a task, the oldest first.
    /// - Throws: ``SQLiteQueueError``.
    public func entries(ofTask taskID: String) async throws(SQLiteQueueError) -> [StoredOutcome] {
        try await connection.read { db in
            try Row.fetchAll(
                db, sql: "SELECT \(Self.columns) FROM entries WHERE task_id = ? ORDER BY id", arguments: [taskID]
            ).map(StoredOutcome.init)
        }
    }

    /// An entry with all that it holds; nil if there is none of that id. The report is nil if it is damaged.
    /// - Throws: ``SQLiteQueueError``.
    public func entry(_ id: Int64) async throws(SQLiteQueueError) -> (entry: StoredOutcome, report: TaskReport?)? {
        try await connection.read { db in
            let row = try Row.fetchOne(db, sql: "SELECT \(Self.columns) FROM entries WHERE id = ?", arguments: [id])
            guard let row else { return nil }
            return (StoredOutcome(row), try Self.report(db, id: id, state: nil) ?? nil)
        }
    }

    /// The failure with which a task is failed when it is handed out again; nil if it would be run.
    /// - Throws: ``SQLiteQueueError``.
    public func rememberedFailure(ofTask taskID: String) async throws(SQLiteQueueError) -> TaskFailure? {
        try await findings(about: [taskID]).failures[taskID]
    }

    /// Makes entries due now, those too that the TaskManager refused; a host that runs sees it within a second or two,
    /// otherwise the next one does.
    /// - Parameter ids: nil for all.
    /// - Returns: the ids of those that were there.
    /// - Throws: ``SQLiteQueueError``; nothing was changed then.
    public func retry(_ ids: [Int64]?) async throws(SQLiteQueueError) -> [Int64] {
        try await edit { db in
            let known = try ids ?? Int64.fetchAll(db, sql: "SELECT id FROM entries ORDER BY id")
            return try known.filter { id in
                try db.execute(
                    sql: "UPDATE entries SET state = 0, next_at = NULL, settled_at = NULL WHERE id = ?",
                    arguments: [id])
                return db.changesCount == 1
            }
        }
    }

    /// Deletes entries: the TaskManager never hears of these outcomes.
    /// - Returns: the ids of those that were there.
    /// - Throws: ``SQLiteQueueError``; nothing was changed then.
    public func discard(_ ids: [Int64]) async throws(SQLiteQueueError) -> [Int64] {
        try await edit { db in
            try ids.filter { id in
                try db.execute(sql: "DELETE FROM entries WHERE id = ?", arguments: [id])
                return db.changesCount == 1
            }
        }
    }

    /// Forgets that a task failed for good: it is run when it is handed out again.
    /// - Returns: whether it was remembered.
    /// - Throws: ``SQLiteQueueError``.
    public func forgetFailure(ofTask taskID: String) async throws(SQLiteQueueError) -> Bool {
        try await edit { db in
            try db.execute(sql: "DELETE FROM failures WHERE task_id = ?", arguments: [taskID])
            return db.changesCount == 1
        }
    }

    private func edit<Value: Sendable>(
        _ body: @escaping @Sendable (Database) throws -> Value
    ) async throws(SQLiteQueueError) -> Value {
        try await connection.write { db, _ in
            var value: Value?
            try db.inTransaction(.immediate) {
                value = try body(db)
                try db.execute(sql: "UPDATE edits SET count = count + 1")
                return .commit
            }
            guard let value else { throw DatabaseError(message: "the transaction did not run") }
            return value
        }
    }
}

extension StoredOutcome {
    /// In the order in which they are read.
    fileprivate init(_ row: Row) {
        self.init(
            id: row[0], taskID: row[1], taskType: row[2],
            outcome: OutboxEntry.Outcome(rawValue: row[3]) ?? .failed, isRejected: row[4] == 1,
            storedAt: Timestamp(microseconds: row[5]), tries: row[6],
            nextTry: (row[7] as Int64?).map(Timestamp.init(microseconds:)), lastError: row[8], size: row[9],
            leaseToken: row[10])
    }
}
