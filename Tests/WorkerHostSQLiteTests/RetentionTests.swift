import Foundation
import GRDB
import Testing
import WorkerHostCore

@testable import WorkerHostSQLite

/// How long finished tasks are kept, and that the file becomes smaller.
struct RetentionTests {
    let fixture: QueueFixture

    init() throws { fixture = try QueueFixture() }

    private typealias Keep = TaskManagerConfiguration.Retention

    /// Adds tasks and ends them now, by the fixture's clock.
    private func finish(
        _ manager: SQLiteTaskManager, _ count: Int, failed: Bool = false, bytes: Int = 10,
        key: String? = nil, scope: NewTask.DedupeScope = .unfinished
    ) async throws {
        let params = RawJSON(unchecked: Array("{\"x\":\"\(String(repeating: "x", count: bytes))\"}".utf8))
        _ = try await manager.enqueue(
            (0..<count).map { _ in NewTask(type: "T", params: params, dedupeKey: key, dedupeScope: scope) })
        var left = count
        while left > 0 {
            let leased = try await manager.receiveTasks(limit: min(left, 500), types: ["T"])
            try #require(!leased.isEmpty)
            left -= leased.count
            let outcome: TaskReport.Outcome =
                failed
                ? .failed(TaskFailure(kind: .permanent, message: "no"))
                : .succeeded(TaskResult(value: RawJSON(unchecked: Array("{}".utf8))))
            _ = try await manager.complete(leased.map { $0.report(outcome, at: fixture.clock.now) })
        }
    }

    @Test func `By age: the old ones go, with their history, and the counts stay right`() async throws {
        let manager = try fixture.openImpatient()
        try await finish(manager, 5)
        try await finish(manager, 2, failed: true)
        fixture.clock.advance(by: .seconds(3600))
        try await finish(manager, 3)
        _ = try await manager.add(1)
        let keep = Keep(completed: .seconds(1800), maxCompleted: nil, failed: nil, maxFailed: nil)
        let plan = try await manager.purge(keep, isDryRun: true)
        #expect(plan.completed == 5 && plan.failed == 0)
        #expect(try await manager.taskCounts() == TaskCounts(pending: 1, completed: 8, failed: 2))
        let report = try await manager.purge(keep)
        #expect(report.completed == 5 && report.failed == 0, "dead letters are kept unless something else is said")
        #expect(try await manager.taskCounts() == TaskCounts(pending: 1, completed: 3, failed: 2))
        #expect(try await manager.task(id: "1") == nil)
        #expect(try await manager.timeline(of: "1").isEmpty)
        #expect(try await manager.purge(Keep(completed: nil, maxCompleted: nil, failed: .seconds(60))).failed == 2)
        let rows = try await manager.connection.read { db in
            try Int.fetchOne(db, sql: "SELECT count(*) FROM timeline WHERE task_id NOT IN (SELECT id FROM tasks)")
        }
        #expect(rows == 0)
    }

    @Test func `By number: the oldest go first`() async throws {
        let manager = try fixture.openImpatient()
        try await finish(manager, 4500)
        try await finish(manager, 5, failed: true)
        let report = try await manager.purge(Keep(completed: nil, maxCompleted: 100, failed: nil, maxFailed: 2))
        #expect(report.completed == 4400 && report.failed == 3)
        #expect(try await manager.taskCounts() == TaskCounts(completed: 100, failed: 2))
        #expect(try await manager.tasks(matching: TaskFilter(limit: 1)).first?.id == "4401")
        #expect(try await manager.overview().oldestFinished == fixture.clock.now)
        #expect(try await manager.purge(Keep.everything).completed == 0)
    }

    @Test func `A key that is held for good stays held when its task is removed`() async throws {
        let manager = try fixture.openImpatient()
        try await finish(manager, 1, key: "good", scope: .forever)
        try await finish(manager, 1, key: "loose")
        _ = try await manager.purge(Keep(completed: .zero))
        #expect(try await manager.taskCounts() == TaskCounts())
        let added = try await manager.enqueue([
            NewTask(type: "T", dedupeKey: "good"), NewTask(type: "T", dedupeKey: "good", dedupeScope: .forever),
            NewTask(type: "T", dedupeKey: "loose"),
        ])
        #expect(added.map(\.wasDuplicate) == [true, true, false])
        #expect(added[0].id == "1")
    }

    @Test func `A host removes what is too much by itself, and keeps what has just finished`() async throws {
        let manager = try fixture.open {
            $0.longestWait = .zero
            $0.keep = Keep(completed: nil, maxCompleted: 10)
            $0.purgeInterval = .milliseconds(5)
        }
        try await manager.start(HostIdentity(id: "h", pid: 1, types: ["*"]))
        try await finish(manager, 30)
        _ = try await manager.purger.purge(manager.options.keep, isThorough: false)
        #expect(try await manager.taskCounts() == TaskCounts(completed: 30), "not before somebody could see them")
        fixture.clock.advance(by: .seconds(61))
        try await finish(manager, 1)
        var counts = try await manager.taskCounts()
        // Bounded: fails the test in place of waiting for ever.
        for _ in 0..<4000 where counts?.completed != 10 {
            try await Task.sleep(for: .milliseconds(10))
            counts = try await manager.taskCounts()
        }
        #expect(counts == TaskCounts(completed: 10))
        await manager.shutdown()
        await manager.shutdown()
    }

    @Test func `The next look comes when something can be old, and not at all where nothing can`() async throws {
        let manager = try fixture.openImpatient()
        try await finish(manager, 1)
        fixture.clock.advance(by: .seconds(1000))
        func schedule(_ keep: Keep) async throws -> RetentionSchedule {
            try await manager.purger.purge(keep, isThorough: false).schedule
        }
        let byAge = try await schedule(Keep(completed: .seconds(100_000), maxCompleted: nil))
        #expect(byAge.wait == .seconds(100_000 - 1000 + 1000), "a hundredth later, so that several go together")
        #expect(byAge.finished == nil)
        let byCount = try await schedule(Keep(completed: nil, maxCompleted: 101))
        #expect(byCount.wait == nil && byCount.finished == 25)
        let none = try await schedule(Keep(completed: nil, maxCompleted: nil))
        #expect(none.wait == nil && none.finished == nil)
        let soon = try await schedule(Keep(completed: .seconds(1001), maxCompleted: nil))
        #expect(soon.wait == soon.leastWait && soon.leastWait >= .seconds(60))
    }

    @Test func `The file becomes smaller while a host goes on working on it`() async throws {
        let manager = try fixture.openImpatient()
        let other = try fixture.openImpatient()
        try await finish(manager, 3000, bytes: 1800)
        fixture.clock.advance(by: .seconds(3600))
        let before = try await manager.overview().storage
        #expect(before.canShrink && before.totalSize > 5 << 20)
        let isOver = StopFlag()
        async let work = {
            var rounds = 0
            while !isOver.isSet || rounds < 20 {
                try await finish(other, 5)
                rounds += 1
            }
            return rounds
        }()
        let report = try await manager.purge(Keep(completed: .seconds(1800)))
        isOver.set()
        let rounds = try await work
        #expect(report.completed == 3000)
        #expect(try await manager.taskCounts() == TaskCounts(completed: rounds * 5))
        _ = try await manager.purge(Keep.everything)
        let after = try await manager.overview().storage
        #expect(after.totalSize < before.totalSize / 5, "\(before) -> \(after)")
        #expect(after.logSize < 1 << 20)
        let check = try await manager.connection.read { db in
            try String.fetchOne(db, sql: "PRAGMA integrity_check")
        }
        #expect(check == "ok")
    }

    @Test func `A file of the first version is taken over, and compacted on demand`() async throws {
        let old = try DatabaseQueue(path: fixture.path)
        try Schema.migrator.migrate(old, upTo: "1 queue")
        try await old.write { db in
            try db.execute(
                sql: """
                    INSERT INTO task_types VALUES (1, 'T');
                    INSERT INTO tasks (status, type_id, priority, attempts, created_at, finished_at, params)
                        VALUES (3, 1, 0, 1, 5, 6, zeroblob(3000000)), (4, 1, 0, 1, 5, 6, '{}');
                    UPDATE counts SET completed = 1, failed = 1;
                    """)
        }
        try old.close()
        // Looked at before any host of this version has migrated it.
        let looking = try fixture.open { $0.access = .readOnly }
        #expect(try await looking.overview().counts == TaskCounts(completed: 1, failed: 1))
        #expect(try await looking.deadLetters().map(\.id) == ["2"])
        #expect(try await looking.tasks(matching: TaskFilter(statuses: [.failed])).count == 1)

        let manager = try fixture.openImpatient()
        #expect(try await manager.purge(Keep(completed: .zero)).completed == 1)
        let before = try await manager.overview().storage
        #expect(!before.canShrink && before.freeBytes > 2_000_000, "free for new tasks, but not given back")
        #expect(try await manager.compact() > 2_000_000)
        let after = try await manager.overview().storage
        #expect(after.canShrink && after.totalSize < 200_000, "\(after)")
        #expect(try await manager.deadLetters().map(\.id) == ["2"])
    }
}

/// Set once, by one task for another.
private final class StopFlag: Sendable {
    private let lock = NSLock()
    nonisolated(unsafe) private var value = false

    var isSet: Bool { lock.withLock { value } }

    func set() { lock.withLock { value = true } }
}
