import GRDB
public import WorkerHostCore

extension SQLiteTaskManager {
    /// The task of that id; nil if there is none.
    /// - Throws: ``SQLiteQueueError``.
    public func task(id: String) async throws(SQLiteQueueError) -> StoredTask? {
        guard let number = Int64(id) else { return nil }
        return try await connection.read { db in try Self.tasks([number], db).first }
    }

    /// The tasks that a filter selects, by default the oldest first.
    /// - Throws: ``SQLiteQueueError``.
    public func tasks(matching filter: TaskFilter = TaskFilter()) async throws(SQLiteQueueError) -> [StoredTask] {
        try await connection.read { db in
            var query = TaskQuery(filter)
            try query.restrictTypes(filter.types, db)
            try query.addProgress(db)
            let rows = try Row.fetchCursor(try db.cachedStatement(sql: query.sql), arguments: query.arguments)
            var tasks: [StoredTask] = []
            while let row = try rows.next() { tasks.append(try StoredTask(row)) }
            return tasks
        }
    }

    /// The history of a task, oldest first; empty if there is no such task.
    /// - Throws: ``SQLiteQueueError``.
    public func timeline(of id: String) async throws(SQLiteQueueError) -> [TimelineEntry] {
        guard let number = Int64(id) else { return [] }
        return try await connection.read { db in
            guard let task = try Self.tasks([number], db).first else { return [] }
            let rows = try Row.fetchAll(
                db, sql: "SELECT at, attempt, kind, message FROM timeline WHERE task_id = ? ORDER BY id",
                arguments: [number])
            let written = rows.map {
                TimelineEntry(
                    at: Timestamp(microseconds: $0[0]), attempt: $0[1], kind: $0[2], message: $0[3])
            }
            return task.history(with: written)
        }
    }

    /// How many tasks wait, run and are finished; costs the same however many there are.
    /// - Throws: ``SQLiteQueueError``.
    public func taskCounts() async throws(SQLiteQueueError) -> TaskCounts? {
        try await counts()
    }

    func counts() async throws(SQLiteQueueError) -> TaskCounts {
        try await connection.read { db in try TaskCounts(db) }
    }

    static func tasks(_ ids: [Int64], _ db: Database) throws -> [StoredTask] {
        let statement = try db.cachedStatement(sql: try StoredTask.selection(db) + " WHERE t.id = ?")
        return try ids.compactMap { id in
            let rows = try Row.fetchCursor(statement, arguments: [id])
            return try rows.next().map { try StoredTask($0) }
        }
    }
}

extension TaskCounts {
    init(_ db: Database) throws {
        self.init()
        let row = try Row.fetchOne(db, sql: "SELECT pending, running, completed, failed FROM counts")
        guard let row else { return }
        self.init(pending: row[0], running: row[1], completed: row[2], failed: row[3])
    }
}
