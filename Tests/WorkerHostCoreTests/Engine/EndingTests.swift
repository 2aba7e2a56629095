import Foundation
import Testing
import WorkerHostTesting

@testable import WorkerHostCore

/// A host ends whatever others do, and what it ends with is reported.
@Suite struct EndingTests {
    private func started(_ fixture: HostFixture) async -> Bool {
        await eventually { fixture.events.lines.contains { $0.hasPrefix("started") } }
    }

    private func impatient(_ fixture: HostFixture) {
        fixture.host.engine.patience.withLock {
            $0 = Patience(forcedEnd: .milliseconds(100), reports: .milliseconds(100), others: .milliseconds(200))
        }
    }

    @Test func aCancelledHostStillReports() async throws {
        // As adapters do whose client library looks at the cancellation of its caller.
        let fixture = try HostFixture(
            [FaultChild.configuration(["ignores-term"])], taskManager: { CancellableQueue(base: $0) })
        let id = await fixture.queue.enqueue(type: "T")
        let run = Task { try await fixture.host.run(untilIdle: false) }
        #expect(await started(fixture))
        run.cancel()
        #expect(try await run.value.released == 1)
        let entry = try await fixture.entry(id)
        #expect(entry.status == .pending && entry.attempts == 0)
    }

    @Test func aStuckObserverDoesNotKeepTheHost() async throws {
        let stuck = DeafObserver()
        let fixture = try HostFixture([FaultChild.configuration(["ok"])], observers: [stuck])
        impatient(fixture)
        await fixture.queue.enqueue(type: "T")
        #expect(try await fixture.host.run(untilIdle: true).completed == 1)
        stuck.release.fire()
    }

    @Test func aTaskManagerThatDoesNotAnswerTheLastReportDoesNotKeepTheHost() async throws {
        let queue = SilentQueue()
        let fixture = try HostFixture(
            [FaultChild.configuration(["ok"])], shutdownTimeout: .milliseconds(100),
            taskManager: { _ in queue })
        queue.base.withLock { $0 = fixture.queue }
        impatient(fixture)
        await fixture.queue.enqueue(type: "T")
        async let run = fixture.host.run(untilIdle: false)
        #expect(await eventually { queue.asked.withLock { $0 } > 0 })
        fixture.host.shutdown(reason: "test")
        #expect(try await run.completed == 0)
        let state = fixture.host.engine.configuration.stateDirectory + "/hosts"
        let flights = try FileManager.default.contentsOfDirectory(atPath: state)
        #expect(flights == ["\(fixture.host.identity.id).flight"], "kept, so that the next host settles the task")
        queue.release.fire()
    }

    @Test func aFailingTaskManagerKeepsTheFlightForTheNextHost() async throws {
        let queue = SilentQueue(fails: true)
        let fixture = try HostFixture(
            [FaultChild.configuration(["ok"])], shutdownTimeout: .milliseconds(100), taskManager: { _ in queue })
        queue.base.withLock { $0 = fixture.queue }
        impatient(fixture)
        await fixture.queue.enqueue(type: "T")
        async let run = fixture.host.run(untilIdle: false)
        #expect(await eventually { queue.asked.withLock { $0 } > 0 })
        fixture.host.shutdown(reason: "test")
        #expect(try await run.completed == 0)
        let state = fixture.host.engine.configuration.stateDirectory + "/hosts"
        #expect(try FileManager.default.contentsOfDirectory(atPath: state).count == 1)
        #expect(fixture.events.lines.filter { $0 == "manager unavailable" }.count == 1)
    }

    @Test func aSwiftWorkerThatIgnoresItsEndDoesNotKeepTheHost() async throws {
        let deaf = DeafWorker()
        var configuration = FaultChild.configuration(["ok"], name: "deaf", grace: .milliseconds(50))
        configuration.stopGrace = .milliseconds(50)
        let fixture = try HostFixture([configuration], swiftWorkers: [deaf], shutdownTimeout: .milliseconds(50))
        impatient(fixture)
        await fixture.queue.enqueue(type: "T")
        async let run = fixture.host.run(untilIdle: false)
        #expect(await started(fixture))
        fixture.host.shutdown(reason: "test")
        #expect(try await run.completed == 0)
        deaf.release.fire()
    }

    @Test func aClaimThatFailsIsNoEmptyQueue() async throws {
        let queue = StumblingQueue()
        let fixture = try HostFixture([FaultChild.configuration(["ok"])], taskManager: { _ in queue })
        queue.base.withLock { $0 = fixture.queue }
        await fixture.queue.enqueue(type: "T")
        #expect(try await fixture.host.run(untilIdle: true).completed == 1)
        #expect(
            fixture.events.lines.filter { $0.hasPrefix("manager") } == ["manager unavailable", "manager recovered"])
    }

    @Test func aStopOfAllHoldsForWhatIsBegunLater() async {
        let worker = SubprocessWorker(FaultChild.configuration(["hangs"], timeout: .seconds(600)), environment: [:])
        async let first = FaultChild.run(worker, FaultChild.task("1"))
        await Task.yield()
        worker.stop(taskID: "1", leaseToken: "lease", reason: .cancelled)
        worker.stopAll(reason: .shutdown, hurry: true)
        _ = await first
        // As a lane that took its next attempt a moment before the stop and had not noted it yet.
        let late = await FaultChild.run(worker, FaultChild.task("2"))
        #expect(late.failure?.kind == .interrupted)
        await worker.close()
    }

    @Test func aClosedWorkerAnswers() async {
        let worker = SubprocessWorker(FaultChild.configuration(["ok"]), environment: [:])
        await worker.close()
        let outcome = await FaultChild.run(worker, FaultChild.task())
        #expect(outcome.failure?.kind == .interrupted)
    }
}

/// Does not return from its first call until it is let.
private final class DeafObserver: Observer {
    let release = Signal()

    func onTaskReceived(_ task: WorkerTask) async { await release.waitUncancelled() }
}

private final class DeafWorker: Worker {
    let name = "deaf"
    let release = Signal()

    func canHandle(_ taskType: String) -> Bool { true }

    func process(_ task: WorkerTask) async throws(TaskFailure) -> TaskResult {
        await release.waitUncancelled()
        return TaskResult(value: .emptyObject)
    }

    func healthCheck() async -> HealthStatus { .healthy }
}

extension Signal {
    /// As code that does not look at cancellation.
    fileprivate func waitUncancelled() async { await Task { await wait() }.value }
}

/// Throws in cancelled tasks.
private struct CancellableQueue: TaskManagerAdapter {
    let base: MemoryTaskManager
    let leaseDuration: Duration? = .seconds(30)

    func receiveTasks(limit: Int, types: [String]) async throws -> [LeasedTask] {
        try await base.receiveTasks(limit: limit, types: types)
    }

    func complete(_ reports: [TaskReport]) async throws -> [Acknowledgement] {
        try Task.checkCancellation()
        return try await base.complete(reports)
    }

    func healthCheck() async -> HealthStatus { .healthy }
}

/// Hands out tasks, and takes no report.
private final class SilentQueue: TaskManagerAdapter {
    let base = Guarded<MemoryTaskManager?>(nil)
    let asked = Guarded(0)
    let release = Signal()
    let fails: Bool

    init(fails: Bool = false) { self.fails = fails }

    func receiveTasks(limit: Int, types: [String]) async throws -> [LeasedTask] {
        try await base.withLock { $0 }?.receiveTasks(limit: limit, types: types) ?? []
    }

    func complete(_ reports: [TaskReport]) async throws -> [Acknowledgement] {
        asked.withLock { $0 += 1 }
        if fails { throw CocoaError(.fileWriteUnknown) }
        await release.waitUncancelled()
        return []
    }

    func healthCheck() async -> HealthStatus { .healthy }
}

/// Tells no counts, and its first claims fail.
private final class StumblingQueue: TaskManagerAdapter {
    let base = Guarded<MemoryTaskManager?>(nil)
    private let claims = Guarded(0)

    func receiveTasks(limit: Int, types: [String]) async throws -> [LeasedTask] {
        let count = claims.withLock { claims in
            claims += 1
            return claims
        }
        if count <= 2 { throw CocoaError(.fileReadUnknown) }
        return try await base.withLock { $0 }?.receiveTasks(limit: limit, types: types) ?? []
    }

    func complete(_ reports: [TaskReport]) async throws -> [Acknowledgement] {
        try await base.withLock { $0 }?.complete(reports) ?? []
    }

    func healthCheck() async -> HealthStatus { .healthy }
}
