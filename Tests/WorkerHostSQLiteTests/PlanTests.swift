import GRDB
import Testing
import WorkerHostCore

@testable import WorkerHostSQLite

/// What a claim costs must not depend on how much lies in the queue: every statement goes through its index.
struct PlanTests {
    let fixture: QueueFixture

    init() throws { fixture = try QueueFixture() }

    @Test(arguments: [
        (ReadyTasks.page, "SEARCH ready USING PRIMARY KEY (type_id=?)"),
        (ReadyTasks.delete, "SEARCH ready USING PRIMARY KEY (type_id=? AND priority=? AND task_id=?)"),
        (ReadyTasks.remove, "SEARCH ready USING PRIMARY KEY (type_id=? AND priority=? AND task_id=?)"),
        ("SELECT 1 FROM ready WHERE type_id = ? LIMIT 1", "USING PRIMARY KEY (type_id=?)"),
        ("SELECT 1 FROM task_rows WHERE status = 1 AND not_before <= ?", "USING COVERING INDEX tasks_delayed"),
        ("SELECT min(not_before) FROM task_rows WHERE status = 1", "USING COVERING INDEX tasks_delayed"),
        ("SELECT min(expires_at) FROM leases", "USING COVERING INDEX leases_expiry"),
        (RunningTask.one, "SEARCH r USING INTEGER PRIMARY KEY"),
        (RunningTask.expired, "USING INDEX leases_expiry"),
        (Claim.select, "USING INTEGER PRIMARY KEY"),
        (HeldTasks.find, "USING INTEGER PRIMARY KEY"),
        (HeldTasks.delete, "USING INTEGER PRIMARY KEY"),
        (SuccessStatements.clear, "USING INTEGER PRIMARY KEY"),
        ("SELECT status, lease_owner, claims FROM tasks WHERE id = ?", "SEARCH t USING INTEGER PRIMARY KEY"),
        ("SELECT id FROM task_rows WHERE dedupe_key = ? AND dedupe_state > 0 LIMIT 1", "tasks_dedupe"),
        ("SELECT id FROM task_rows WHERE dedupe_key = ? ORDER BY dedupe_state DESC LIMIT 1", "tasks_dedupe"),
        ("SELECT at FROM timeline WHERE task_id = ? ORDER BY id", "USING INDEX timeline_task"),
        (TaskQuery(TaskFilter(statuses: [.failed])).sql, "tasks_failed"),
        (TaskQuery(TaskFilter(statuses: [.running])).sql, "SEARCH t USING INTEGER PRIMARY KEY"),
        (RetentionScan.completed, "SEARCH done USING INTEGER PRIMARY KEY"),
        (RetentionScan.failed, "USING INDEX tasks_failed"),
        (SQLiteTaskManager.oldest[1], "USING INDEX tasks_failed"),
        (Removal.purgeFailed, "USING INTEGER PRIMARY KEY"),
        ("SELECT task_id FROM spent_keys WHERE key = ?", "USING PRIMARY KEY"),
        (Cancellation.find, "USING INTEGER PRIMARY KEY"),
        (Cancellation.outstanding, "SEARCH r USING INTEGER PRIMARY KEY"),
        (CancelAction.look, "SEARCH t USING INTEGER PRIMARY KEY"),
    ])
    func `A statement uses its index and sorts nothing`(sql: String, index: String) async throws {
        let manager = try fixture.openImpatient()
        _ = try await manager.add(50)
        let plan = try await manager.connection.write { db, _ in
            let count = sql.count { $0 == "?" }
            let arguments = StatementArguments(Array(repeating: 1, count: count))
            return try Row.fetchAll(db, sql: "EXPLAIN QUERY PLAN " + sql, arguments: arguments)
                .map { $0["detail"] as String }
        }
        #expect(plan.contains { $0.contains(index) }, "\(plan)")
        #expect(!plan.contains { $0.contains("TEMP B-TREE") }, "\(plan)")
        #expect(!plan.contains { $0 == "SCAN tasks" || $0 == "SCAN t" }, "\(plan)")
    }

    @Test func `Dead letters are found without a look at other tasks`() async throws {
        let manager = try fixture.openImpatient()
        _ = try await manager.add(50)
        let filter = DeadLetterFilter(types: ["T"], kinds: ["crashed"], failedUntil: .now)
        let plan = try await manager.connection.read { db in
            var query = try DeadLetterQuery(filter, db)
            query.begin(behind: 5, newestFirst: true)
            return try [query.tasks(newestFirst: true, limit: 5), query.ids(limit: 5), query.causes].map { sql in
                try Row.fetchAll(db, sql: "EXPLAIN QUERY PLAN " + sql, arguments: query.arguments)
                    .map { $0["detail"] as String }
            }
        }
        for steps in plan {
            #expect(steps.contains { $0.contains("tasks_failed") }, "\(steps)")
            #expect(!steps.contains { $0.contains("TEMP B-TREE") || $0 == "SCAN t" }, "\(steps)")
        }
    }
}
