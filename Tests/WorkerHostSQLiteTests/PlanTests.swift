import GRDB
import Testing
import WorkerHostCore

@testable import WorkerHostSQLite

/// What a claim costs must not depend on how much lies in the queue: every statement goes through its index.
struct PlanTests {
    let fixture: QueueFixture

    init() throws { fixture = try QueueFixture() }

    @Test(arguments: [
        (ReadyTasks.page, "USING COVERING INDEX tasks_ready"),
        ("SELECT 1 FROM tasks WHERE status = 0 AND type_id = ? LIMIT 1", "USING COVERING INDEX tasks_ready"),
        ("SELECT 1 FROM tasks WHERE status = 1 AND not_before <= ?", "USING COVERING INDEX tasks_delayed"),
        ("SELECT min(not_before) FROM tasks WHERE status = 1", "USING COVERING INDEX tasks_delayed"),
        ("SELECT min(lease_expires_at) FROM tasks WHERE status = 2", "USING COVERING INDEX tasks_leased"),
        (
            "SELECT id FROM tasks WHERE status = 2 AND lease_expires_at <= ? ORDER BY lease_expires_at LIMIT 9",
            "tasks_leased"
        ),
        ("SELECT id FROM tasks WHERE status = 2 AND lease_owner = ?", "USING INDEX tasks_leased"),
        (Claim.update, "USING INTEGER PRIMARY KEY"),
        (Claim.select, "USING INTEGER PRIMARY KEY"),
        (SuccessStatements.plain, "USING INTEGER PRIMARY KEY"),
        (SuccessStatements.full, "USING INTEGER PRIMARY KEY"),
        ("SELECT id FROM tasks WHERE dedupe_key = ? AND dedupe_state > 0 LIMIT 1", "tasks_dedupe"),
        ("SELECT id FROM tasks WHERE dedupe_key = ? ORDER BY dedupe_state DESC LIMIT 1", "tasks_dedupe"),
        ("SELECT at FROM timeline WHERE task_id = ? ORDER BY id", "USING INDEX timeline_task"),
        (TaskQuery(TaskFilter(statuses: [.failed])).sql, "tasks_finished"),
        (RetentionScan.sql, "USING COVERING INDEX tasks_finished"),
        (SQLiteTaskManager.oldest, "USING INDEX tasks_finished"),
        ("SELECT t.id FROM tasks t WHERE t.status >= 3 AND t.status = 4 AND t.id > ? ORDER BY t.id", "tasks_finished"),
        ("DELETE FROM tasks WHERE id = ? AND status = ? AND finished_at <= ?", "USING INTEGER PRIMARY KEY"),
        ("SELECT task_id FROM spent_keys WHERE key = ?", "USING PRIMARY KEY"),
        (Cancellation.find, "USING INTEGER PRIMARY KEY"),
        (Cancellation.outstanding, "SEARCH t USING INTEGER PRIMARY KEY"),
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
            #expect(steps.contains { $0.contains("tasks_finished") }, "\(steps)")
            #expect(!steps.contains { $0.contains("TEMP B-TREE") || $0 == "SCAN t" }, "\(steps)")
        }
    }
}
