import Logging
import Testing
import WorkerHostTesting

@testable import WorkerHostCore

/// Outcomes reach a TaskManager through an outbox, whatever happens to it.
@Suite struct DeliveringTests {
    private let remote = ScriptedTaskManager()
    private let storage = MemoryOutbox.Storage()

    private func manager(_ options: DeliveryOptions = Self.quick) -> DeliveringTaskManager {
        DeliveringTaskManager(
            remote, outbox: MemoryOutbox(storage), options: options,
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
    }

    private static let quick = DeliveryOptions(
        backoff: .exponentialJitter(initial: .milliseconds(5), cap: .milliseconds(20)), flush: .seconds(5))

    private func started(_ options: DeliveryOptions = Self.quick, host: String = "h1") async throws
        -> DeliveringTaskManager
    {
        let manager = manager(options)
        try await manager.start(HostIdentity(id: host, pid: 1, types: ["T"]))
        return manager
    }

    private static let failure = TaskFailure(kind: .permanent, type: "Bad", message: "never")

    private func entries() async -> [String] {
        await storage.entries.map { "\($0.report.taskID)\($0.refusal.map { " refused: \($0)" } ?? "")" }
    }

    @Test func anOutcomeIsAcceptedWhenItIsStored() async throws {
        await remote.set(down: true)
        let manager = try await started()
        let reports = ["1", "2"].map { LeasedTask.test($0).report() }
        #expect(try await manager.complete(reports) == [.accepted, .accepted])
        #expect(await entries() == ["1", "2"])
        #expect(await eventually { manager.counters.failedTries >= 2 && manager.concern != nil })
        #expect(manager.counters.undelivered == 2 && manager.counters.oldestStoredAt != nil)
        await remote.set(down: false)
        #expect(await eventually { await entries().isEmpty })
        #expect(Set(await remote.heard) == ["1 a succeeded", "2 a succeeded"])
        #expect(manager.concern == nil && manager.counters.delivered == 2)
        await manager.shutdown()
        #expect(await remote.hasShutDown)
    }

    @Test func deliveryTroubleIsSaidOnceAndItsEndOnce() async throws {
        let said = Guarded<[String]>([])
        let manager = manager()
        manager.attach(
            TaskManagerContact { events in
                for case .hostStateChanged(let change) in events {
                    switch change {
                    case .taskManagerUnavailable(let reason): said.withLock { $0.append("away: \(reason)") }
                    case .taskManagerRecovered: said.withLock { $0.append("back") }
                    default: break
                    }
                }
            })
        try await manager.start(HostIdentity(id: "h1", pid: 1, types: []))
        await remote.set(down: true)
        for id in 1...5 { _ = try await manager.complete([LeasedTask.test("\(id)").report()]) }
        #expect(await eventually { await remote.batches.count > 8 })
        await remote.set(down: false)
        #expect(await eventually { await entries().isEmpty })
        #expect(await eventually { said.withLock { $0.last } == "back" })
        let lines = said.withLock { $0 }
        #expect(lines.count == 2 && lines[0].contains("connection refused"))
        await manager.shutdown()
    }

    @Test func whatIsPutOffComesAgainAndIsNotInTheWay() async throws {
        let refusals = Guarded(3)
        await remote.answer { report in
            guard report.taskID == "slow" else { return .accepted }
            return refusals.withLock { left in
                left -= 1
                return left >= 0 ? .later(reason: "deadlock", after: .milliseconds(1)) : .accepted
            }
        }
        let manager = try await started()
        _ = try await manager.complete(["slow", "1", "2"].map { LeasedTask.test($0).report() })
        #expect(await eventually { await entries().isEmpty })
        #expect(await remote.heard.last == "slow a succeeded" && manager.counters.failedTries == 3)
        await manager.shutdown()
    }

    @Test func aPoisonousOutcomeBlocksNoOther() async throws {
        await remote.set(poison: "p")
        let manager = try await started()
        let ids = (1...20).map(String.init)
        _ = try await manager.complete((["p"] + ids).map { LeasedTask.test($0).report() })
        #expect(await eventually { await entries() == ["p"] })
        #expect(Set(await remote.heard.map { $0.split(separator: " ")[0] }).count == 20)
        await remote.set(poison: nil)
        #expect(await eventually { await entries().isEmpty })
        await manager.shutdown()
    }

    @Test func aRefusedOutcomeIsKeptAndItsTaskNotRunAgain() async throws {
        await remote.answer { $0.lease.token == "a" ? .rejected(reason: "too large") : .accepted }
        let manager = try await started()
        _ = try await manager.complete([LeasedTask.test("1").report()])
        #expect(await eventually { await entries() == ["1 refused: too large"] })
        #expect(manager.counters.rejected == 1)
        #expect(await manager.healthCheck() != .healthy)
        await remote.hand(out: [.test("1", lease: "b", attempt: 2), .test("2")])
        #expect(try await manager.receiveTasks(limit: 8, types: ["*"]).map(\.task.id) == ["2"])
        #expect(await eventually { await remote.heard.last == "1 b failed" })
        #expect(await storage.failures["1"]?.message.contains("too large") == true)
        await manager.shutdown()
    }

    @Test func anotherRunDeliversWhatADeadOneLeftInOrder() async throws {
        await remote.set(down: true)
        let first = try await started()
        _ = try await first.complete([
            LeasedTask.test("1", lease: "a").report(.retry(Self.failure, after: .zero)),
            LeasedTask.test("1", lease: "b").report(), LeasedTask.test("2").report(),
        ])
        #expect(await eventually { await remote.batches.count > 2 })
        // As if it had been killed: nothing of it runs on.
        first.state.withLock { $0.delivery }?.cancel()
        await first.state.withLock { $0.delivery }?.value
        await storage.kill("h1")
        await remote.set(down: false)
        let second = try await started(host: "h2")
        #expect(second.counters.adopted == 3)
        #expect(await eventually { await entries().isEmpty })
        #expect(await remote.heard.filter { $0.hasPrefix("1") } == ["1 a retry", "1 b succeeded"])
        await second.shutdown()
    }

    @Test func entriesOfALivingHostAreLeftToIt() async throws {
        await remote.set(down: true)
        let first = try await started()
        _ = try await first.complete([LeasedTask.test("1").report()])
        let second = try await started(host: "h2")
        #expect(second.counters.adopted == 0 && second.counters.undelivered == 0)
        await remote.set(down: false)
        #expect(await eventually { await entries().isEmpty })
        #expect(await remote.heard == ["1 a succeeded"])
        await first.shutdown()
        await second.shutdown()
    }

    @Test(arguments: [true, false])
    func aTaskWhoseOutcomeIsKnownIsNotRunAgain(_ fails: Bool) async throws {
        await remote.set(down: true)
        let manager = try await started()
        let outcome = fails ? TaskReport.Outcome.failed(Self.failure) : .succeeded(TaskResult(value: .emptyObject))
        _ = try await manager.complete([LeasedTask.test("1").report(outcome)])
        await remote.hand(out: [.test("1", lease: "b", attempt: 2)])
        #expect(try await manager.receiveTasks(limit: 1, types: ["*"]).isEmpty)
        // The old lease is over.
        await remote.answer { $0.lease.token == "b" ? .accepted : .leaseLost }
        await remote.set(down: false)
        #expect(await eventually { await entries().isEmpty })
        // What was on its way when the new lease came was refused.
        let heard = await remote.heard
        #expect(
            heard.last == "1 b \(fails ? "failed" : "succeeded")" && heard.count { $0.contains(" b ") } == 1, "\(heard)"
        )
        #expect(manager.counters.rebound == 1 && manager.counters.delivered == 1)
        await manager.shutdown()
    }

    @Test func anOutcomeThatAnotherHostKeepsIsDeliveredUnderTheNewLease() async throws {
        await remote.set(down: true)
        let first = try await started()
        _ = try await first.complete([LeasedTask.test("1").report()])
        let second = try await started(host: "h2")
        await remote.hand(out: [.test("1", lease: "b")])
        #expect(try await second.receiveTasks(limit: 1, types: ["*"]).isEmpty)
        await remote.answer { $0.lease.token == "b" ? .accepted : .leaseLost }
        await remote.set(down: false)
        #expect(await eventually { await entries().isEmpty })
        #expect(await remote.heard.contains("1 b succeeded"))
        await first.shutdown()
        await second.shutdown()
    }

    @Test(arguments: [true, false])
    func anOutcomeThatWantsAnotherRunGivesWayToIt(_ isRetry: Bool) async throws {
        await remote.set(down: true)
        let manager = try await started()
        let outcome =
            isRetry ? TaskReport.Outcome.retry(Self.failure, after: .zero) : .released(reason: "x", after: .zero)
        _ = try await manager.complete([LeasedTask.test("1").report(outcome)])
        await remote.hand(out: [.test("1", lease: "b", attempt: 2)])
        #expect(try await manager.receiveTasks(limit: 1, types: ["*"]).map(\.lease.token) == ["b"])
        #expect(await entries().isEmpty)
        await remote.set(down: false)
        await manager.shutdown()
        #expect(await remote.heard.isEmpty)
    }

    @Test func aFailureIsRememberedWhereTheTaskManagerForgets() async throws {
        let manager = try await started()
        _ = try await manager.complete([LeasedTask.test("1").report(.failed(Self.failure))])
        #expect(await eventually { await entries().isEmpty })
        await remote.hand(out: [.test("1", lease: "b", attempt: 2), .test("2")])
        #expect(try await manager.receiveTasks(limit: 2, types: ["*"]).map(\.task.id) == ["2"])
        #expect(await eventually { await remote.heard == ["1 a failed", "1 b failed"] })
        #expect(manager.counters.failedFromMemory == 1)
        await manager.shutdown()
        // The next run knows it too.
        let next = try await started(host: "h2")
        await remote.hand(out: [.test("1", lease: "c", attempt: 3)])
        #expect(try await next.receiveTasks(limit: 2, types: ["*"]).isEmpty)
        #expect(await eventually { await remote.heard.last == "1 c failed" })
        await next.shutdown()
    }

    @Test func aTaskManagerThatEndsFailedTasksNeedsNoMemory() async throws {
        let remote = ScriptedTaskManager(abilities: [.endsFailedTasks])
        let manager = DeliveringTaskManager(remote, outbox: MemoryOutbox(storage), options: Self.quick)
        try await manager.start(HostIdentity(id: "h1", pid: 1, types: []))
        _ = try await manager.complete([LeasedTask.test("1").report(.failed(Self.failure))])
        #expect(await storage.failures.isEmpty)
        await manager.shutdown()
    }

    @Test func tooManyUndeliveredOutcomesEndTheClaims() async throws {
        await remote.set(down: true)
        var options = Self.quick
        options.mostUndelivered = 4
        let manager = try await started(options)
        _ = try await manager.complete((1...4).map { LeasedTask.test("\($0)").report() })
        await remote.hand(out: [.test("9")])
        let claim = Task { try await manager.receiveTasks(limit: 1, types: ["*"]) }
        #expect(await eventually { manager.concern?.contains("no tasks are leased") == true })
        #expect(manager.counters.isFull)
        await remote.set(down: false)
        #expect(try await claim.value.map(\.task.id) == ["9"])
        #expect(!manager.counters.isFull)
        await manager.shutdown()
    }

    @Test func anOutboxThatCannotBeWrittenIsGoneAround() async throws {
        let manager = try await started()
        await storage.failWrites(ScriptedTaskManager.Down())
        #expect(try await manager.complete([LeasedTask.test("1").report()]) == [.accepted])
        #expect(await remote.heard == ["1 a succeeded"] && manager.counters.unstored == 1)
        await remote.set(down: true)
        await #expect(throws: DeliveryError.self) { try await manager.complete([LeasedTask.test("2").report()]) }
        await storage.failWrites(nil)
        #expect(try await manager.complete([LeasedTask.test("2").report()]) == [.accepted])
        await remote.set(down: false)
        await manager.shutdown()
        #expect(await remote.heard.last == "2 a succeeded", "a host that stops delivers what is left")
    }

    @Test func aHostThatStopsDoesNotWaitForADeadTaskManager() async throws {
        await remote.set(down: true)
        let manager = try await started()
        _ = try await manager.complete([LeasedTask.test("1").report()])
        await manager.shutdown()
        #expect(await entries() == ["1"] && manager.counters.undelivered == 1)
    }

    @Test func editsByHandTakeEffectInARunningHost() async throws {
        await remote.answer { _ in .later(reason: "not yet", after: .seconds(3600)) }
        let manager = try await started()
        _ = try await manager.complete((1...2).map { LeasedTask.test("\($0)").report() })
        #expect(await eventually { manager.counters.failedTries == 2 })
        await remote.answer { _ in .accepted }
        let ids = await storage.entries.map(\.entry.id)
        await storage.edit(ids[0], discards: true)
        await storage.edit(ids[1])
        #expect(await eventually { await entries().isEmpty && manager.counters.undelivered == 0 })
        #expect(await remote.heard == ["2 a succeeded"])
        await manager.shutdown()
    }

    @Test func aHostRunsOnAnOutbox() async throws {
        let queue = MemoryTaskManager()
        let manager = Guarded<DeliveringTaskManager?>(nil)
        let fixture = try HostFixture([FaultChild.configuration(["ok"])], queue: queue) { queue in
            let delivering = DeliveringTaskManager(Remote(base: queue), outbox: MemoryOutbox(storage))
            manager.withLock { $0 = delivering }
            return delivering
        }
        for _ in 0..<5 { await queue.enqueue(type: "T") }
        #expect(try await fixture.host.run(untilIdle: true).completed == 5)
        #expect(await entries().isEmpty)
        #expect(fixture.host.delivery?.delivered == 5)
    }
}

/// A queue in memory that stands for a remote one.
struct Remote: TaskManagerAdapter {
    let base: MemoryTaskManager
    let abilities: TaskManagerAbilities = [.delaysRetries, .endsFailedTasks]
    var leaseDuration: Duration? { base.leaseDuration }

    func receiveTasks(limit: Int, types: [String]) async throws -> [LeasedTask] {
        try await base.receiveTasks(limit: limit, types: types)
    }

    func complete(_ reports: [TaskReport]) async throws -> [Acknowledgement] { try await base.complete(reports) }

    func extendLeases(_ leases: [(taskID: String, lease: Lease)]) async throws -> [String] {
        try await base.extendLeases(leases)
    }

    func taskCounts() async throws -> TaskCounts? { try await base.taskCounts() }

    func healthCheck() async -> HealthStatus { .healthy }
}
