import GRDB
import Testing
import WorkerHostCore

@testable import WorkerHostSQLite

struct ReportTests {
    let fixture: QueueFixture
    let manager: SQLiteTaskManager

    init() throws {
        fixture = try QueueFixture()
        manager = try fixture.openImpatient()
    }

    private func claim() async throws -> LeasedTask {
        try #require(try await manager.receiveTasks(limit: 1, types: ["*"]).first)
    }

    @Test func `A retry waits in the queue, spends the attempt and keeps why`() async throws {
        _ = try await manager.add(1)
        let failure = TaskFailure(
            kind: .crashed(signal: 11), message: "signal 11", exitCode: nil, standardErrorTail: "boom\0boom")
        let first = try await claim()
        #expect(
            try await manager.complete([first.report(.retry(failure, after: .seconds(5)), at: fixture.clock.now)])
                == [.accepted])
        let waiting = try #require(try await manager.task(id: "1"))
        #expect(waiting.status == .pending && waiting.attempts == 1 && waiting.deaths == 1)
        #expect(waiting.notBefore == fixture.clock.now.advanced(by: .seconds(5)))
        #expect(waiting.failure?.kind == "crashed" && waiting.failure?.standardErrorTail == "boom\u{FFFD}boom")
        #expect(waiting.leaseOwner == nil && waiting.leaseExpiresAt == nil)
        #expect(try await manager.receiveTasks(limit: 1, types: ["*"]).isEmpty)

        fixture.clock.advance(by: .seconds(5))
        let second = try await claim()
        #expect(second.task.metadata.attempt == 2)
        _ = try await manager.complete([second.success])
        #expect(try await manager.task(id: "1")?.failure == nil)
        #expect(
            try await manager.timeline(of: "1").map(\.kind).filter { $0 != "claimed" && $0 != "started" }
                == ["created", "retried", "completed"])
    }

    @Test func `A failure is kept as a dead letter`() async throws {
        _ = try await manager.add(1)
        let failure = TaskFailure(
            kind: .permanent, type: "ValueError", message: "no title", traceback: "Traceback…", exitCode: 2,
            standardErrorTail: "last words")
        _ = try await manager.complete([try await claim().report(.failed(failure))])
        let stored = try #require(try await manager.task(id: "1"))
        #expect(stored.status == .failed && stored.deaths == 0)
        #expect(
            stored.failure
                == StoredTask.Failure(
                    kind: "permanent", type: "ValueError", message: "no title", traceback: "Traceback…", exitCode: 2,
                    standardErrorTail: "last words"))
        #expect(try await manager.taskCounts() == TaskCounts(failed: 1))
        #expect(try await manager.timeline(of: "1").last?.message == "ValueError: no title")
    }

    @Test func `A task that simply succeeds has no timeline row, one with incidents has`() async throws {
        _ = try await manager.add(2)
        let plain = try await claim()
        let eventful = try await claim()
        let report = eventful.success
        var attempt = report.attempt
        attempt.incidents = [Incident(kind: "stray_output", message: "3 lines in front of the reply")]
        _ = try await manager.complete([
            plain.success,
            TaskReport(taskID: report.taskID, lease: report.lease, outcome: report.outcome, attempt: attempt),
        ])
        let rows = try await manager.connection.read { db in
            try Int64.fetchAll(db, sql: "SELECT task_id FROM timeline")
        }
        #expect(rows == [2])
        #expect(
            try await manager.timeline(of: "1").map(\.kind).sorted() == ["claimed", "completed", "created", "started"])
        #expect(try await manager.timeline(of: "2").map(\.kind).contains("stray_output"))
    }

    @Test func `Reports that mean nothing are refused one by one`() async throws {
        _ = try await manager.add(1)
        let leased = try await claim()
        func report(id: String, token: String) -> TaskReport {
            TaskReport(
                taskID: id, lease: Lease(token: token), outcome: leased.success.outcome, attempt: leased.success.attempt
            )
        }
        let answers = try await manager.complete([
            report(id: "x", token: leased.lease.token), report(id: "99", token: leased.lease.token),
            report(id: "1", token: "nonsense"), report(id: "1", token: "somebody:1"), leased.success,
        ])
        #expect(answers[0] == .rejected(reason: "there is no task 'x': ids of this queue are decimal numbers"))
        #expect(answers[1] == .rejected(reason: "there is no task 99"))
        #expect(answers[2...] == [.leaseLost, .leaseLost, .accepted])
    }

    @Test func `A dead host's tasks are settled: started ones spent, others not, later leases left alone`() async throws
    {
        let dead = HostIdentity(id: "dead", pid: 1, types: ["*"])
        try await manager.start(dead)
        _ = try await manager.add(3)
        let tasks = try await manager.receiveTasks(limit: 3, types: ["*"])
        _ = try await manager.complete([tasks[2].report(.released(reason: "test", after: .zero))])

        let next = try fixture.openImpatient()
        try await next.start(HostIdentity(id: "next", pid: 2, types: ["*"]))
        let taken = try #require(try await next.receiveTasks(limit: 1, types: ["*"]).first)
        #expect(taken.task.id == tasks[2].task.id)
        let started = [tasks[0], tasks[2]].map {
            DeadHost.StartedAttempt(taskID: $0.task.id, leaseToken: $0.lease.token)
        }
        try await next.recover(DeadHost(id: "dead", started: started))

        let stored = try await next.tasks()
        #expect(stored.map(\.status) == [.pending, .pending, .running])
        #expect(stored.map(\.attempts) == [1, 0, 1])
        #expect(stored.map(\.deaths) == [1, 0, 0])
        #expect(try await next.timeline(of: "1").last?.kind == "host_died")
        #expect(try await next.taskCounts() == TaskCounts(pending: 2, running: 1))
        #expect(try await manager.complete([tasks[0].success]) == [.leaseLost])
    }

    @Test func `Extending keeps a lease; a clock that is set back does not freeze a silent host's tasks`() async throws
    {
        _ = try await manager.add(2)
        let tasks = try await manager.receiveTasks(limit: 2, types: ["*"])
        fixture.clock.advance(by: .seconds(25))
        #expect(try await manager.extendLeases([(tasks[0].task.id, tasks[0].lease)]) == [])
        fixture.clock.advance(by: .seconds(10))
        #expect(try await manager.receiveTasks(limit: 2, types: ["*"]).map(\.task.id) == [tasks[1].task.id])

        fixture.clock.advance(by: .seconds(-3600))
        _ = try await manager.add(1, type: "Tick")
        #expect(try await manager.receiveTasks(limit: 1, types: ["Tick"]).count == 1)
        fixture.clock.advance(by: .seconds(31))
        #expect(try await manager.receiveTasks(limit: 5, types: ["T"]).count == 2)
    }

    @Test func `The counters are what is in the table, whatever happens`() async throws {
        var random = SystemRandomNumberGenerator()
        let failure = TaskFailure(kind: .retriable, message: "again")
        for _ in 0..<60 {
            _ = try await manager.enqueue(
                (0..<Int.random(in: 0...4, using: &random)).map {
                    NewTask(
                        type: "T\($0)", dedupeKey: Bool.random() ? "k\(Int.random(in: 0..<6))" : nil,
                        delay: .seconds(Int.random(in: 0...2)))
                })
            let tasks = try await manager.receiveTasks(limit: Int.random(in: 1...4), types: ["*"])
            let reports = tasks.compactMap { task -> TaskReport? in
                switch Int.random(in: 0..<6, using: &random) {
                case 0: task.success
                case 1: task.report(.failed(failure))
                case 2: task.report(.retry(failure, after: .seconds(Int.random(in: 0...3))))
                case 3: task.report(.released(reason: "test", after: .zero))
                case 4:
                    TaskReport(
                        taskID: task.task.id, lease: Lease(token: "x:1"), outcome: .failed(failure),
                        attempt: AttemptRecord(worker: "", number: 1))
                default: nil
                }
            }
            _ = try await manager.complete(reports)
            fixture.clock.advance(by: .seconds(Int.random(in: 0...20, using: &random)))
        }
        let stored = try await manager.tasks(matching: TaskFilter(limit: 10_000))
        func count(_ status: StoredTask.Status) -> Int { stored.count { $0.status == status } }
        #expect(
            try await manager.taskCounts()
                == TaskCounts(
                    pending: count(.pending), running: count(.running), completed: count(.completed),
                    failed: count(.failed)))
    }
}
