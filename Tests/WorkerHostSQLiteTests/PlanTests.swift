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
        ("SELECT id FROM tasks WHERE dedupe_key = ? AND dedupe_state > 0 LIMIT 1", "tasks_dedupe"),
        ("SELECT id FROM tasks WHERE dedupe_key = ? ORDER BY dedupe_state DESC LIMIT 1", "tasks_dedupe"),
        ("SELECT at FROM timeline WHERE task_id = ? ORDER BY id", "USING INDEX timeline_task"),
        (StoredTask.selection + " WHERE t.status = 4 ORDER BY t.id LIMIT 5", "tasks_failed"),
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
}
