import GRDB
import Testing
import WorkerHostCore

@testable import WorkerHostSQLite

/// Listing, counting, retrying and discarding tasks that failed for good.
struct DeadLetterTests {
    let fixture: QueueFixture

    init() throws { fixture = try QueueFixture() }

    /// Adds tasks and fails them.
    @discardableResult
    private func fail(
        _ manager: SQLiteTaskManager, _ count: Int, type: String = "T", as failure: TaskFailure? = nil,
        worker: String = "test", key: String? = nil, scope: NewTask.DedupeScope = .unfinished
    ) async throws -> [String] {
        let failure = failure ?? TaskFailure(kind: .permanent, type: "ValueError", message: "no")
        let ids = try await manager.enqueue(
            (0..<count).map { _ in NewTask(type: type, dedupeKey: key, dedupeScope: scope) }
        ).map(\.id)
        var left = count
        while left > 0 {
            let leased = try await manager.receiveTasks(limit: left, types: [type])
            try #require(!leased.isEmpty)
            left -= leased.count
            _ = try await manager.complete(
                leased.map { task in
                    TaskReport(
                        taskID: task.task.id, lease: task.lease, outcome: .failed(failure),
                        attempt: AttemptRecord(
                            worker: worker, number: task.task.metadata.attempt, pid: 4711,
                            startedAt: fixture.clock.now, endedAt: fixture.clock.now))
                })
        }
        return ids
    }

    @Test func `They are counted by cause and found by every filter`() async throws {
        let manager = try fixture.openImpatient()
        let old = try await fail(manager, 3, type: "A.X")
        fixture.clock.advance(by: .seconds(3600))
        let crashed = try await fail(
            manager, 2, type: "B", as: TaskFailure(kind: .crashed(signal: 9), message: "SIGKILL"), worker: "other")
        _ = try await manager.add(1, type: "C")

        let causes = try await manager.deadLetterCauses()
        #expect(causes.map(\.count) == [3, 2])
        #expect(causes.map(\.kind) == ["permanent", "crashed"])
        #expect(causes.map(\.errorType) == ["ValueError", "crashed"])
        #expect(causes.map(\.type) == ["A.X", "B"])
        #expect(causes.map(\.poison) == [0, 2], "a process that died at the one attempt")
        #expect(causes.map(\.example) == [old[2], crashed[1]])
        #expect(causes[1].newest == fixture.clock.now)

        #expect(try await manager.deadLetters().map(\.id) == (old + crashed).reversed())
        let hourAgo = fixture.clock.now.advanced(by: .seconds(-1800))
        let filters: [(DeadLetterFilter, [String])] = [
            (.init(types: ["A.*"]), old), (.init(types: ["none"]), []), (.init(kinds: ["crashed"]), crashed),
            (.init(kinds: ["crashed", "permanent"]), old + crashed), (.init(errorTypes: ["ValueError"]), old),
            (.init(worker: "other"), crashed), (.init(failedUntil: hourAgo), old),
            (.init(failedSince: hourAgo), crashed),
            (.init(types: ["B"], kinds: ["permanent"]), []),
        ]
        for (filter, expected) in filters {
            let found = try await manager.deadLetters(matching: filter, newestFirst: false)
            #expect(found.map(\.id) == expected, "\(filter)")
            #expect(try await manager.deadLetterCauses(matching: filter).reduce(0) { $0 + $1.count } == expected.count)
        }
        let page = try await manager.deadLetters(limit: 2, after: crashed[1])
        #expect(page.map(\.id) == [crashed[0], old[2]])
    }

    @Test func `A retried one begins anew, and its history stays`() async throws {
        let manager = try fixture.openImpatient()
        let id = try #require(try await manager.add(1).first)
        fixture.clock.advance(by: .seconds(1))
        let leased = try #require(try await manager.receiveTasks(limit: 1, types: ["T"]).first)
        fixture.clock.advance(by: .seconds(1))
        let failure = TaskFailure(kind: .crashed(signal: 9), message: "died")
        let start = fixture.clock.now.advanced(by: .milliseconds(-500))
        _ = try await manager.complete([
            TaskReport(
                taskID: id, lease: leased.lease, outcome: .failed(failure),
                attempt: AttemptRecord(
                    worker: "w", number: 1, pid: 1, startedAt: start, endedAt: fixture.clock.now))
        ])
        let plan = try await manager.retryDeadLetters([id], isDryRun: true)
        #expect(plan.map(\.isDone) == [true])
        #expect(try await manager.taskCounts() == TaskCounts(failed: 1), "a dry run changes nothing")

        fixture.clock.advance(by: .seconds(5))
        let done = try await manager.retryDeadLetters([id], after: .seconds(10))
        #expect(done.map(\.result) == [.done] && done.map(\.attempts) == [1])
        #expect(try await manager.taskCounts() == TaskCounts(pending: 1))
        #expect(try await manager.receiveTasks(limit: 1, types: ["T"]).isEmpty, "not before its delay")
        let waiting = try #require(try await manager.task(id: id))
        #expect(waiting.attempts == 0 && waiting.deaths == 0)
        let lines = try await manager.timeline(of: id)
        #expect(lines.map(\.kind) == ["created", "started", "failed", "requeued"])
        #expect(lines.last?.message.hasPrefix("retried by an operator; 1 attempt spent before") == true)

        fixture.clock.advance(by: .seconds(11))
        let again = try #require(try await manager.receiveTasks(limit: 1, types: ["T"]).first)
        #expect(again.task.metadata.attempt == 1)
        #expect(try await manager.complete([again.success]) == [.accepted])
        #expect(try await manager.taskCounts() == TaskCounts(completed: 1))
    }

    @Test func `What is no dead letter is named and left alone`() async throws {
        let manager = try fixture.openImpatient()
        let failed = try await fail(manager, 1)
        let waiting = try await manager.add(1)
        let ids = [failed[0], waiting[0], "99", "no number"]
        for isDryRun in [true, false] {
            let outcomes = try await manager.discardDeadLetters(ids, isDryRun: isDryRun)
            #expect(outcomes.map(\.id) == ids)
            #expect(outcomes.map(\.result) == [.done, .notADeadLetter(.pending), .unknownTask, .unknownTask])
        }
        #expect(try await manager.taskCounts() == TaskCounts(pending: 1))
        #expect(try await manager.timeline(of: failed[0]).isEmpty)
        let lines = try await manager.connection.read { db in
            try Int.fetchOne(db, sql: "SELECT count(*) FROM timeline")
        }
        #expect(lines == 0, "its history went with it")
    }

    @Test func `A dedupe key that is held meanwhile is refused, the others go on`() async throws {
        let manager = try fixture.openImpatient()
        let first = try await fail(manager, 1, key: "a")
        let second = try await fail(manager, 1, key: "a")
        let third = try await fail(manager, 1, key: "b")
        let holder = try await manager.enqueue([NewTask(type: "T", dedupeKey: "b")])[0].id
        let ids = first + second + third
        let expected: [DeadLetterOutcome.Result] = [
            .done, .keyHeld(key: "a", by: first[0]), .keyHeld(key: "b", by: holder),
        ]
        for isDryRun in [true, false] {
            #expect(try await manager.retryDeadLetters(ids, isDryRun: isDryRun).map(\.result) == expected)
        }
        #expect(try await manager.taskCounts() == TaskCounts(pending: 2, failed: 2))
        #expect(try await manager.enqueue([NewTask(type: "T", dedupeKey: "a")])[0].id == first[0], "it holds its key")
    }

    @Test func `A task whose deadline has passed is not put back`() async throws {
        let manager = try fixture.openImpatient()
        let deadline = fixture.clock.now.advanced(by: .seconds(60))
        let id = try await manager.enqueue([NewTask(type: "T", deadline: deadline)])[0].id
        let leased = try #require(try await manager.receiveTasks(limit: 1, types: ["T"]).first)
        _ = try await manager.complete([leased.report(.failed(TaskFailure(kind: .permanent, message: "no")))])
        #expect(try await manager.retryDeadLetters([id], isDryRun: true)[0].isDone)
        #expect(try await manager.retryDeadLetters([id], after: .seconds(61))[0].result == .deadlinePassed(deadline))
    }

    @Test func `Thousands are put back in small transactions while a host takes them`() async throws {
        let manager = try fixture.openImpatient()
        let other = try fixture.openImpatient()
        try await fail(manager, 3000)
        async let taken = {
            var ids = Set<String>()
            // Bounded: fails the test in place of waiting for ever.
            for _ in 0..<100_000 where ids.count < 3000 {
                let tasks = try await other.receiveTasks(limit: 100, types: ["T"])
                ids.formUnion(tasks.map(\.task.id))
                _ = try await other.complete(tasks.map(\.success))
            }
            return ids
        }()
        var sizes: [Int] = []
        try await manager.retryDeadLetters(matching: DeadLetterFilter()) { sizes.append($0.count) }
        #expect(sizes.reduce(0, +) == 3000 && sizes.allSatisfy { $0 <= DeadLetterAction.batch })
        #expect(try await taken.count == 3000)
        #expect(try await manager.taskCounts() == TaskCounts(completed: 3000))
    }

    @Test func `A limit takes the oldest, and a filter deletes only its own`() async throws {
        let manager = try fixture.openImpatient()
        let a = try await fail(manager, 5, type: "A")
        try await fail(manager, 2, type: "B")
        var ids: [String] = []
        try await manager.discardDeadLetters(matching: .init(types: ["A"]), limit: 3) { ids += $0.map(\.id) }
        #expect(ids == Array(a[..<3]))
        #expect(try await manager.taskCounts() == TaskCounts(failed: 4))
        try await manager.discardDeadLetters(matching: .init(types: ["A"]), isDryRun: true) { ids += $0.map(\.id) }
        #expect(ids == a)
        #expect(try await manager.taskCounts() == TaskCounts(failed: 4))
    }

    @Test func `Discarding frees a key that was held for good`() async throws {
        let manager = try fixture.openImpatient()
        let id = try #require(try await fail(manager, 1, key: "k", scope: .forever).first)
        #expect(try await manager.enqueue([NewTask(type: "T", dedupeKey: "k")])[0].wasDuplicate)
        _ = try await manager.discardDeadLetters([id])
        #expect(try await !manager.enqueue([NewTask(type: "T", dedupeKey: "k")])[0].wasDuplicate)
    }

    @Test func `Poison is what died at each attempt, by the process or by the host`() async throws {
        let manager = try fixture.openImpatient()
        let exhausted = TaskFailure(kind: .permanent, type: "AttemptsExhausted", message: "died each time")
        try await fail(manager, 1, as: TaskFailure(kind: .crashed(signal: 9), message: "died"))
        let silent = try await manager.add(1)[0]
        for _ in 0..<2 {
            _ = try await manager.receiveTasks(limit: 1, types: ["T"])
            fixture.clock.advance(by: .seconds(31))
        }
        let last = try #require(try await manager.receiveTasks(limit: 1, types: ["T"]).first)
        #expect(last.task.id == silent && last.task.metadata.attempt == 3)
        _ = try await manager.complete([last.report(.failed(exhausted))])
        try await fail(manager, 1)
        #expect(try await manager.overview().poison == 2)
        #expect(try await manager.deadLetters(newestFirst: false).map(\.isPoison) == [true, true, false])
        #expect(try await manager.deadLetterCauses().reduce(0) { $0 + $1.poison } == 2)
    }
}
