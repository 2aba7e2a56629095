import Foundation
import GRDB
import Testing
import WorkerHostCore

@testable import WorkerHostSQLite

/// Files of earlier versions.
struct MigrationTests {
    let fixture: QueueFixture

    init() throws { fixture = try QueueFixture() }

    /// One task of each state as the version before narrow tables left it.
    private func makeOldFile() throws {
        let now = fixture.clock.now.microseconds
        let old = try DatabaseQueue(path: fixture.path)
        try Schema.migrator.migrate(old, upTo: "4 progress")
        try old.write { db in
            try db.execute(
                sql: """
                    INSERT INTO task_types VALUES (1, 'T');
                    INSERT INTO tasks (status, type_id, priority, created_at, params) VALUES
                        (0, 1, 0, 1, '{"n":1}'), (0, 1, 7, 1, '{"n":2}'), (1, 1, 0, 1, '{"n":3}'),
                        (2, 1, 0, 1, '{"n":4}'), (3, 1, 0, 1, '{"n":5}'), (4, 1, 0, 1, '{"n":6}');
                    UPDATE tasks SET not_before = \(now + 5_000_000) WHERE id = 3;
                    UPDATE tasks SET attempts = 2, claims = 3, lease_owner = 'old', lease_expires_at = \(now + 9_000_000),
                        lease_length = 30000000, claimed_at = 11 WHERE id = 4;
                    UPDATE tasks SET attempts = 1, claims = 1, lease_owner = 'old', claimed_at = 12, started_at = 13,
                        finished_at = 14, pid = 15, worker = 'w', user_time = 16, system_time = 17, peak_memory = 18,
                        result = CAST('{"r":1}' AS BLOB), logs = CAST('[1]' AS BLOB), dedupe_key = 'k', dedupe_state = 2
                        WHERE id = 5;
                    UPDATE tasks SET attempts = 3, finished_at = 14, failure_kind = 'permanent', failure_type = 'E',
                        failure_message = 'bad' WHERE id = 6;
                    UPDATE counts SET pending = 3, running = 1, completed = 1, failed = 1;
                    """)
        }
        try old.close()
    }

    private func expectAll(_ manager: SQLiteTaskManager) async throws {
        let tasks = try await manager.tasks()
        #expect(tasks.map(\.status) == [.pending, .pending, .pending, .running, .completed, .failed])
        #expect(tasks[3].leaseOwner == "old" && tasks[3].attempts == 2 && tasks[3].startedAt == nil)
        let done = tasks[4]
        #expect(done.result.map { String(decoding: $0.bytes, as: UTF8.self) } == #"{"r":1}"#)
        #expect(done.logs.map { String(decoding: $0.bytes, as: UTF8.self) } == "[1]")
        #expect(done.worker == "w" && done.pid == 15 && done.usage?.peakMemory == 18 && done.attempts == 1)
        #expect(done.startedAt == Timestamp(microseconds: 13) && done.finishedAt == Timestamp(microseconds: 14))
        #expect(tasks[5].failure?.message == "bad" && tasks[5].attempts == 3)
        for (status, ids) in [
            (StoredTask.Status.pending, ["1", "2", "3"]), (.running, ["4"]), (.completed, ["5"]), (.failed, ["6"]),
        ] {
            #expect(try await manager.tasks(matching: TaskFilter(statuses: [status])).map(\.id) == ids)
        }
        #expect(try await manager.tasks(matching: TaskFilter(statuses: [.running, .failed])).map(\.id) == ["4", "6"])
        #expect(try await manager.deadLetters().map(\.id) == ["6"])
        let overview = try await manager.overview()
        let type = try #require(overview.types.first)
        #expect(type.waiting == 2 && type.delayed == 1 && type.running == 1 && type.failed == 1)
        #expect(try await manager.pendingCount(types: ["T"]) == 3)
    }

    @Test func `Every task of an older file is what it was, for who only looks and for the next host`() async throws {
        try makeOldFile()
        try await expectAll(try fixture.open { $0.access = .readOnly })
        let manager = try fixture.openImpatient()
        try await expectAll(manager)
        try await expectAll(try fixture.open { $0.access = .readOnly })
        // The key of the completed task is held for good.
        let again = try await manager.enqueue([NewTask(type: "T", dedupeKey: "k", dedupeScope: .forever)])
        #expect(again.map(\.wasDuplicate) == [true])
        let first = try await manager.receiveTasks(limit: 9, types: ["T"])
        #expect(first.map(\.task.id) == ["2", "1"], "by priority")
        fixture.clock.advance(by: .seconds(10))
        let second = try await manager.receiveTasks(limit: 9, types: ["T"])
        #expect(Set(second.map(\.task.id)) == ["3", "4"], "its delay, and its lease, are over")
        #expect(second.first { $0.task.id == "4" }?.task.metadata.attempt == 3)
        let counts = try await manager.taskCounts()
        #expect(counts == TaskCounts(pending: 0, running: 4, completed: 1, failed: 1))
    }

    @Test func `A program of the version before cannot write to a file of this one`() async throws {
        _ = try await fixture.openImpatient().add(1)
        let database = try DatabaseQueue(path: fixture.path)
        #expect(throws: DatabaseError.self) {
            try database.write { try $0.execute(sql: "UPDATE tasks SET status = 2") }
        }
    }

    @Test func `The log does not grow for ever beside a writer that never rests`() async throws {
        let manager = try fixture.openImpatient()
        var longest: Int64 = 0
        // About 150 MiB are written.
        for _ in 0..<150 {
            _ = try await manager.enqueue(
                (0..<200).map { _ in
                    NewTask(
                        type: "T",
                        params: RawJSON(unchecked: Array("{\"x\":\"\(String(repeating: "y", count: 1900))\"}".utf8)))
                })
            let leased = try await manager.receiveTasks(limit: 1024, types: ["T"])
            _ = try await manager.complete(leased.map(\.success))
            longest = max(longest, try await manager.overview().storage.logSize)
        }
        #expect(longest > 4 << 20 && longest < 80 << 20, "\(longest)")
        #expect(try await manager.taskCounts()?.completed == 30_000)
    }
}
