import Foundation
import GRDB
import WorkerHostCore

extension SQLiteTaskManager {
    /// Adds tasks, all or none of them, and answers in the same order.
    ///
    /// When this returns the tasks are on the disk, whatever ``Options/durability`` says.
    /// - Throws: ``SQLiteQueueError``; its ``SQLiteQueueError/taskIndex`` names the task that is not valid.
    public func enqueue(_ tasks: [NewTask]) async throws(SQLiteQueueError) -> [EnqueuedTask] {
        for (index, task) in tasks.enumerated() {
            guard let defect = task.defect else { continue }
            throw SQLiteQueueError(
                .invalidTask, path: path,
                message: "Task number \(index + 1) of \(tasks.count) was not added, nor were the others: \(defect).",
                taskIndex: index)
        }
        guard !tasks.isEmpty else { return [] }
        let now = options.now()
        let added = try await connection.write(isDurable: true) { db, state in
            var added: [EnqueuedTask] = []
            added.reserveCapacity(tasks.count)
            try db.inTransaction(.immediate) {
                for task in tasks {
                    added.append(try Self.add(task, db, &state.catalog, now))
                }
                var change = CountChange()
                change.pending = added.count { !$0.wasDuplicate }
                try change.write(db)
                return .commit
            }
            return added
        }
        events.announce(.claimable)
        return added
    }

    private static func add(
        _ task: NewTask, _ db: Database, _ catalog: inout TypeCatalog, _ now: Timestamp
    ) throws -> EnqueuedTask {
        if let key = task.dedupeKey,
            let holder = try holder(of: key, task.dedupeScope, db) ?? removedHolder(of: key, db)
        {
            return EnqueuedTask(id: String(holder), wasDuplicate: true)
        }
        let isDelayed = task.delay > .zero
        let isLarge = task.params.bytes.count > Schema.inlineLimit
        let dedupe = task.dedupeKey == nil ? DedupeState.free : DedupeState(task.dedupeScope)
        try db.cachedStatement(
            sql: """
                INSERT INTO task_rows (status, type_id, priority, created_at, not_before, deadline, dedupe_state, dedupe_key,
                    trace_parent, extra, params) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                """
        ).execute(arguments: [
            isDelayed ? RowStatus.delayed.rawValue : RowStatus.ready.rawValue, try catalog.id(of: task.type, db),
            Int64(task.priority), now.microseconds, isDelayed ? now.advanced(by: task.delay).microseconds : nil,
            task.deadline?.microseconds, dedupe.rawValue, task.dedupeKey, task.traceParent?.storable,
            task.extra.map { Data($0.bytes) }, isLarge ? nil : Data(task.params.bytes),
        ])
        let id = db.lastInsertedRowID
        if !isDelayed { try ReadyTasks.insert(id, db) }
        if isLarge { try LargeParams.store(task.params, db, task: id) }
        return EnqueuedTask(id: String(id), wasDuplicate: false)
    }

    /// The task that holds the dedupe key.
    private static func holder(of key: String, _ scope: NewTask.DedupeScope, _ db: Database) throws -> Int64? {
        let statement =
            switch scope {
            case .unfinished:
                try db.cachedStatement(
                    sql: "SELECT id FROM task_rows WHERE dedupe_key = ? AND dedupe_state > 0 LIMIT 1")
            case .forever:
                try db.cachedStatement(
                    sql: "SELECT id FROM task_rows WHERE dedupe_key = ? ORDER BY dedupe_state DESC LIMIT 1")
            }
        return try Int64.fetchOne(statement, arguments: [key])
    }

    /// The task that held the key for good until it was removed for its age.
    private static func removedHolder(of key: String, _ db: Database) throws -> Int64? {
        try Int64.fetchOne(
            try db.cachedStatement(sql: "SELECT task_id FROM spent_keys WHERE key = ?"), arguments: [key])
    }
}
