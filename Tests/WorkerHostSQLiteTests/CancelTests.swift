import GRDB
import Synchronization
import Testing
import WorkerHostCore

@testable import WorkerHostSQLite

struct CancelTests {
    let fixture: QueueFixture

    init() throws { fixture = try QueueFixture() }

    private let failure = TaskFailure(kind: .retriable, type: "E", message: "no luck")

    private func claim(_ manager: SQLiteTaskManager) async throws -> LeasedTask {
        try #require(try await manager.receiveTasks(limit: 1, types: ["*"]).first)
    }

    private func kinds(_ manager: SQLiteTaskManager, _ id: String) async throws -> [String] {
        try await manager.timeline(of: id).map(\.kind)
    }

    @Test func `What waits fails at once and never runs`() async throws {
        let manager = try fixture.openImpatient()
        let ids = try await manager.enqueue([
            NewTask(type: "T", dedupeKey: "k"), NewTask(type: "T", delay: .seconds(60)), NewTask(type: "T"),
        ]).map(\.id)
        let retried = try await manager.receiveTasks(limit: 2, types: ["T"])
        _ = try await manager.complete([
            retried[0].report(.released(reason: "r", after: .zero), at: fixture.clock.now),
            retried[1].report(.retry(failure, after: .seconds(60)), at: fixture.clock.now),
        ])
        let outcomes = try await manager.cancel(ids, reason: "a typo")
        #expect(outcomes.map(\.result) == [.cancelled, .cancelled, .cancelled])
        fixture.clock.advance(by: .seconds(120))
        #expect(try await manager.receiveTasks(limit: 10, types: ["*"]).isEmpty)
        for id in ids {
            let task = try #require(try await manager.task(id: id))
            #expect(task.isCancelled && task.failure?.message.hasSuffix("(reason: a typo)") == true)
            #expect(try await kinds(manager, id).suffix(2) == ["cancel_requested", "failed"])
        }
        #expect(try await kinds(manager, ids[2]) == ["created", "started", "retried", "cancel_requested", "failed"])
        #expect(try await manager.taskCounts() == TaskCounts(failed: 3))
        let again = try await manager.enqueue([NewTask(type: "T", dedupeKey: "k")])
        #expect(again.first?.wasDuplicate == false, "its dedupe key is free again")
    }

    @Test func `A finished task and an unknown one stay as they are`() async throws {
        let manager = try fixture.openImpatient()
        let id = try await manager.add(1)[0]
        _ = try await manager.complete([claim(manager).success])
        let before = try await kinds(manager, id)
        let outcomes = try await manager.cancel([id, "99", "no number"])
        #expect(outcomes.map(\.result) == [.finished(.completed), .unknownTask, .unknownTask])
        #expect(try await manager.task(id: id)?.status == .completed)
        #expect(try await kinds(manager, id) == before)
    }

    @Test func `The host that has the lease is told, nobody else, and once`() async throws {
        let first = try fixture.open()
        let second = try fixture.open()
        let ids = try await first.add(2)
        let lease = try await claim(first)
        _ = try await claim(second)
        let told = Task { try await first.nextCancellations() }
        let outcomes = try await second.cancel([ids[0]], reason: "r")
        #expect(outcomes[0].result == .requested(host: LeaseToken(lease.lease.token)?.owner, isNew: true))
        #expect(
            try await told.value == [CancelRequest(taskID: ids[0], leaseToken: lease.lease.token, reason: "r")])
        let again = try await second.cancel([ids[0]], reason: "other")
        #expect(again[0].result == .requested(host: LeaseToken(lease.lease.token)?.owner, isNew: false))
        #expect(try await kinds(first, ids[0]).filter { $0 == "cancel_requested" }.count == 1)
        let next = Task { try await first.nextCancellations() }
        let other = Task { try await second.nextCancellations() }
        _ = try await first.cancel([ids[1]])
        #expect(try await other.value?.map(\.taskID) == [ids[1]])
        next.cancel()
        #expect(try await next.value == [])
    }

    @Test func `After a takeover the request is for the new lease`() async throws {
        let old = try fixture.open()
        let new = try fixture.open()
        let id = try await old.add(1)[0]
        let lost = try await claim(old)
        fixture.clock.advance(by: .seconds(31))
        let lease = try await claim(new)
        _ = try await old.cancel([id])
        #expect(try await new.nextCancellations()?.map(\.leaseToken) == [lease.lease.token])
        #expect(try await old.connection.read { try Cancellation.outstanding(of: old.owner, $0) }.isEmpty)
        let late = try await old.complete([lost.report(.retry(failure, after: .zero))])
        #expect(late == [.leaseLost])
        #expect(try await new.task(id: id)?.status == .running)
    }

    @Test func `A lease that has ended is not waited for`() async throws {
        let manager = try fixture.openImpatient()
        let id = try await manager.add(1)[0]
        let lease = try await claim(manager)
        fixture.clock.advance(by: .seconds(31))
        #expect(try await manager.cancel([id]).map(\.result) == [.cancelled])
        #expect(try await manager.complete([lease.success]) == [.leaseLost])
        #expect(try await manager.task(id: id)?.isCancelled == true)
        #expect(try await manager.taskCounts() == TaskCounts(failed: 1))
    }

    @Test func `A request outlives its host: whoever finds the task ends it`() async throws {
        let manager = try fixture.openImpatient()
        try await manager.start(HostIdentity(id: "dead", pid: 1, types: ["*"]))
        let ids = try await manager.add(3)
        let leases = try await manager.receiveTasks(limit: 3, types: ["*"])
        _ = try await manager.cancel([ids[0], ids[1]], reason: "r")
        await manager.shutdown()

        let next = try fixture.openImpatient()
        let started = leases.map { DeadHost.StartedAttempt(taskID: $0.task.id, leaseToken: $0.lease.token) }
        try await next.recover(DeadHost(id: "dead", started: [started[0], started[2]]))
        for id in ids.prefix(2) {
            let task = try #require(try await next.task(id: id))
            #expect(task.isCancelled && task.deaths == 0 && !task.isPoison)
            #expect(task.failure?.message.hasSuffix("had ended it (reason: r)") == true)
        }
        #expect(try await next.taskCounts() == TaskCounts(pending: 1, failed: 2))
        #expect(try await next.receiveTasks(limit: 3, types: ["*"]).map(\.task.id) == [ids[2]])
    }

    @Test func `A cancelled task whose lease ends is finished by the next claim`() async throws {
        let manager = try fixture.openImpatient()
        let other = try fixture.open()
        let ids = try await manager.add(2)
        let leases = try await manager.receiveTasks(limit: 2, types: ["*"])
        _ = try await manager.cancel([ids[0]])
        let waiting = Task { try await other.waitUntilFinished([ids[0]]) }
        fixture.clock.advance(by: .seconds(31))
        let taken = try await manager.receiveTasks(limit: 2, types: ["*"])
        #expect(taken.map(\.task.id) == [ids[1]])
        #expect(try await waiting.value.first?.isCancelled == true)
        #expect(try await manager.taskCounts() == TaskCounts(running: 1, failed: 1))
        #expect(try await manager.complete([leases[0].success]) == [.leaseLost])
    }

    @Test func `A retried dead letter is not hit by the request before`() async throws {
        let manager = try fixture.openImpatient()
        let id = try await manager.add(1)[0]
        let first = try await claim(manager)
        _ = try await manager.cancel([id])
        #expect(try await manager.nextCancellations()?.count == 1)
        _ = try await manager.complete([first.report(.failed(.cancelled("c", reason: nil)))])
        #expect(try await manager.retryDeadLetters([id]).map(\.result) == [.done])
        let second = try await claim(manager)
        #expect(try await manager.complete([second.report(.retry(failure, after: .zero))]) == [.accepted])
        #expect(try await manager.task(id: id)?.status == .pending)
        let third = try await claim(manager)
        #expect(try await manager.cancel([id]).map(\.result) == [.requested(host: manager.owner, isNew: true)])
        #expect(try await manager.nextCancellations()?.map(\.leaseToken) == [third.lease.token])
        let rows = try await manager.connection.read {
            try Int.fetchOne($0, sql: "SELECT count(*) FROM cancel_requests")
        }
        #expect(rows == 1, "requests that are over do not pile up")
    }

    @Test func `Hosts that work and cancels at any moment: what was cancelled never comes again, nothing else is lost`()
        async throws
    {
        let managers = try (0..<3).map { _ in try fixture.open { $0.longestWait = .milliseconds(200) } }
        let ids = try await managers[0].add(300)
        let retry = TaskReport.Outcome.retry(failure, after: .zero)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for manager in managers {
                group.addTask {
                    while true {
                        let tasks = try await manager.receiveTasks(limit: 4, types: ["*"])
                        if tasks.isEmpty { return }
                        for task in tasks {
                            let isDone = task.task.metadata.attempt > 2
                            _ = try await manager.complete([isDone ? task.success : task.report(retry)])
                        }
                    }
                }
            }
            group.addTask { for id in ids where (Int(id) ?? 0) % 3 == 0 { _ = try await managers[1].cancel([id]) } }
            try await group.waitForAll()
        }
        for task in try await managers[0].tasks() {
            let isNamed = (Int(task.id) ?? 0) % 3 == 0
            #expect(task.status == .completed || (isNamed && task.isCancelled), "\(task)")
        }
        let counts = try #require(try await managers[0].taskCounts())
        #expect(counts.pending == 0 && counts.running == 0 && counts.completed + counts.failed == 300)
    }

    @Test func `Who waits for cancels alone is seldom woken by other work`() async throws {
        let waiting = try fixture.open()
        let working = try fixture.openImpatient()
        let call = Task { try await waiting.nextCancellations() }
        while waiting.hub.waiterCount == 0 { await Task.yield() }
        let before = waiting.events.rounds
        let start = ContinuousClock.now
        for _ in 0..<100 {
            _ = try await working.add(1)
            _ = try await working.complete([claim(working).success])
        }
        let looks = Int((ContinuousClock.now - start) / .milliseconds(20)) + 1
        #expect(waiting.events.rounds - before <= 2 * looks + 2, "one look in 20 ms, and the rest before it")
        call.cancel()
        #expect(try await call.value == [])
        await waiting.shutdown()
        #expect(try await waiting.nextCancellations() == nil)
    }

    @Test func `A waiter for work that comes later is heard beside one for cancels`() async throws {
        let waiting = try fixture.open()
        let working = try fixture.openImpatient()
        let cancels = Task { try await waiting.nextCancellations() }
        while waiting.hub.waiterCount == 0 { await Task.yield() }
        let claims = Task { try await waiting.receiveTasks(limit: 1, types: ["T"]) }
        while waiting.hub.waiterCount < 2 { await Task.yield() }
        let id = try await working.add(1)[0]
        #expect(try await claims.value.map(\.task.id) == [id])
        _ = try await working.cancel([id])
        #expect(try await cancels.value?.map(\.taskID) == [id])
    }

    @Test func `Without file events cancels are looked for at intervals`() async throws {
        let waiting = try fixture.open {
            $0.usesFileEvents = false
            $0.pollInterval = .milliseconds(20)
        }
        let id = try await waiting.add(1)[0]
        _ = try await claim(waiting)
        let call = Task { try await waiting.nextCancellations() }
        _ = try await fixture.open().cancel([id])
        #expect(try await call.value?.map(\.taskID) == [id])
    }

    @Test func `A file of the version before can have its tasks cancelled`() async throws {
        let old = try DatabaseQueue(path: fixture.path)
        try Schema.migrator.migrate(old, upTo: "2 finished tasks")
        try old.close()
        let manager = try fixture.openImpatient()
        let id = try await manager.add(1)[0]
        _ = try await claim(manager)
        #expect(try await manager.cancel([id]).map(\.result) == [.requested(host: manager.owner, isNew: true)])
    }
}

extension SQLiteTaskManager {
    fileprivate var owner: String { role.withLock { $0.owner } }
}
