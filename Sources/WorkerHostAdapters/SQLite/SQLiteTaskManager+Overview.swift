import GRDB
import WorkerHostCore

extension SQLiteTaskManager {
    /// What the queue looks like now.
    ///
    /// Costs a walk over the indexes of open tasks and over the dead letters; completed tasks cost nothing.
    /// - Throws: ``SQLiteQueueError``.
    public func overview() async throws(SQLiteQueueError) -> QueueOverview {
        let counts = try await counts()
        let path = path
        return try await connection.read { db in
            var catalog = TypeCatalog()
            try catalog.refresh(db)
            let failed = try Self.rows(db, Self.failed)
            let (types, oldest) = try Self.types(db, catalog, failed.mapValues(\.count))
            let due = try Int64.fetchOne(db, sql: "SELECT min(not_before) FROM task_rows WHERE status = 1")
            return QueueOverview(
                counts: counts, types: types, oldestWaiting: oldest,
                nextDue: due.map { Timestamp(microseconds: $0) }, hosts: try Self.hosts(db), path: path,
                storage: try QueueStorage(db, path: path), poison: failed.values.reduce(0) { $0 + Int($1.first) },
                oldestFinished: try Self.oldestFinished(db))
        }
    }

    private static func types(
        _ db: Database, _ catalog: TypeCatalog, _ failed: [Int64: Int]
    ) throws -> ([QueueOverview.TypeOverview], Timestamp?) {
        // Ids grow with the time of creation.
        let ready = try rows(db, "SELECT type_id, count(*), min(task_id) FROM ready GROUP BY type_id")
        let delayed = try rows(db, "SELECT type_id, count(*), 0 FROM task_rows WHERE status = 1 GROUP BY type_id")
        let running = try rows(
            db,
            "SELECT t.type_id, count(*), 0 FROM running r CROSS JOIN task_rows t ON t.id = r.task_id GROUP BY t.type_id"
        )
        var oldestOfAll: Timestamp?
        var types: [QueueOverview.TypeOverview] = []
        for (id, name) in catalog.names.sorted(by: { $0.value < $1.value }) {
            let sum = [ready, delayed, running].reduce(failed[id] ?? 0) { $0 + ($1[id]?.count ?? 0) }
            guard sum > 0 else { continue }
            var oldest: Timestamp?
            if let first = ready[id]?.first {
                let created = try Int64.fetchOne(
                    db, sql: "SELECT created_at FROM task_rows WHERE id = ?", arguments: [first])
                oldest = created.map { Timestamp(microseconds: $0) }
            }
            if let oldest { oldestOfAll = min(oldestOfAll ?? oldest, oldest) }
            types.append(
                QueueOverview.TypeOverview(
                    type: name, waiting: ready[id]?.count ?? 0, delayed: delayed[id]?.count ?? 0,
                    running: running[id]?.count ?? 0, failed: failed[id] ?? 0, oldestWaiting: oldest))
        }
        return (types, oldestOfAll)
    }

    private static func rows(_ db: Database, _ sql: String) throws -> [Int64: (count: Int, first: Int64)] {
        var result: [Int64: (count: Int, first: Int64)] = [:]
        let rows = try Row.fetchCursor(db, sql: sql)
        while let row = try rows.next() { result[row[0]] = (row[1], row[2]) }
        return result
    }

    private static func hosts(_ db: Database) throws -> [QueueOverview.HostOverview] {
        try Row.fetchAll(
            db,
            sql: """
                SELECT id, pid, started_at, seen_at,
                    (SELECT count(*) FROM leases l CROSS JOIN running r ON r.lease_id = l.id WHERE l.owner = hosts.id)
                FROM hosts ORDER BY started_at
                """
        ).map { row in
            QueueOverview.HostOverview(
                id: row[0], pid: Int32(truncatingIfNeeded: row[1] as Int64),
                startedAt: Timestamp(microseconds: row[2]), seenAt: Timestamp(microseconds: row[3]), running: row[4])
        }
    }

    /// The dead letters of each type, and how many of them are poison.
    private static let failed = """
        SELECT type_id, count(*), sum(\(StoredTask.poisonCondition)) FROM task_rows
        WHERE status = 4 GROUP BY type_id
        """

    private static func oldestFinished(_ db: Database) throws -> Timestamp? {
        let times = try oldest.compactMap { try Int64.fetchOne(db, sql: $0) }
        return times.min().map { Timestamp(microseconds: $0) }
    }

    static let oldest = [
        """
        SELECT t.created_at FROM done d CROSS JOIN task_rows t ON t.id = d.task_id ORDER BY d.task_id LIMIT 1
        """, "SELECT created_at FROM task_rows WHERE status = 4 ORDER BY id LIMIT 1",
    ]
}

extension QueueStorage {
    fileprivate init(_ db: Database, path: String) throws {
        let space = try FileSpace(db)
        self.init(
            fileSize: FileSpace.size(of: path), logSize: FileSpace.size(of: path + "-wal"),
            freeBytes: Int64(space.freePages * space.pageSize), canShrink: space.isIncremental)
    }
}
