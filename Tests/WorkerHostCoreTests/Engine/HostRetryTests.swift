import Foundation
import Logging
import Testing
import WorkerHostTesting

@testable import WorkerHostCore

/// The host repeats failed tasks itself where the TaskManager does not delay retries.
@Suite struct HostRetryTests {
    private static let quick = RetryPolicy(maxAttempts: 3, backoff: .constant(.milliseconds(5)))

    private func worker(
        _ retry: RetryPolicy = Self.quick, concurrency: Int = 1, timeout: Duration = .seconds(60),
        grace: Duration = .milliseconds(200)
    ) -> WorkerConfiguration {
        FaultChild.configuration(
            ["ok"], name: "flaky", timeout: timeout, grace: grace, concurrency: concurrency, retry: retry)
    }

    /// Takes reports as they come and remembers them.
    private final class Ear: TaskManagerAdapter {
        let base: MemoryTaskManager
        let reports = Guarded<[TaskReport]>([])

        init(_ base: MemoryTaskManager) { self.base = base }

        var abilities: TaskManagerAbilities { base.abilities }
        var leaseDuration: Duration? { base.leaseDuration }

        func receiveTasks(limit: Int, types: [String]) async throws -> [LeasedTask] {
            try await base.receiveTasks(limit: limit, types: types)
        }

        func complete(_ reports: [TaskReport]) async throws -> [Acknowledgement] {
            self.reports.withLock { $0 += reports }
            return try await base.complete(reports)
        }

        func nextCancellations() async throws -> [CancelRequest]? { try await base.nextCancellations() }
        func taskCounts() async throws -> TaskCounts? { try await base.taskCounts() }
        func healthCheck() async -> HealthStatus { .healthy }
    }

    private func fixture(
        _ configuration: WorkerConfiguration, _ worker: FlakyWorker, lease: Duration = .seconds(60),
        retries: TaskManagerConfiguration.Retries = .host, maxAttempts: Int = .max
    ) throws -> (fixture: HostFixture, ear: Ear) {
        let queue = MemoryTaskManager(
            leaseDuration: lease, abilities: [.endsFailedTasks], extendsLeases: false, maxAttempts: maxAttempts)
        let ear = Ear(queue)
        let fixture = try HostFixture(
            [configuration], queue: queue, swiftWorkers: [worker], retries: retries, taskManager: { _ in ear })
        return (fixture, ear)
    }

    @Test func attemptsFollowUnderOneLeaseAndOneReportEndsThem() async throws {
        let (fixture, ear) = try fixture(worker(), FlakyWorker { $0 < 3 ? .fails : .succeeds })
        let id = await fixture.queue.enqueue(type: "T")
        let summary = try await fixture.host.run(untilIdle: true)
        #expect(summary.completed == 1 && summary.retried == 2 && summary.failed == 0)
        let entry = try await fixture.entry(id)
        #expect(entry.status == .completed && entry.attempts == 1, "it was leased once")
        #expect(
            fixture.events.lines(of: id) == [
                "received \(id)", "started-1-flaky \(id)", "retrying \(id)", "started-2-flaky \(id)", "retrying \(id)",
                "started-3-flaky \(id)", "completed \(id)",
            ])
        let reports = ear.reports.withLock { $0 }
        #expect(reports.count == 1 && reports[0].attempt.number == 3)
        #expect(reports[0].attempt.incidents.map(\.kind) == ["retried", "retried"])
    }

    @Test func theLastFailureIsReportedWithThoseBefore() async throws {
        let (fixture, ear) = try fixture(worker(), FlakyWorker { _ in .fails })
        let id = await fixture.queue.enqueue(type: "T")
        let summary = try await fixture.host.run(untilIdle: true)
        #expect(summary.failed == 1 && summary.retried == 2)
        #expect(try await fixture.entry(id).status == .failed)
        let report = try #require(ear.reports.withLock { $0.first })
        #expect(report.attempt.number == 3 && report.attempt.incidents.count == 2)
        #expect(fixture.host.engine.desk?.count == 0)
    }

    @Test func aTaskThatWaitsHoldsNoSlotAndIsReportedAtTheEnd() async throws {
        let (fixture, ear) = try fixture(
            worker(), FlakyWorker(retryAfter: .seconds(30)) { _ in .failsFirstTask }, lease: .seconds(600))
        let first = await fixture.queue.enqueue(type: "T", priority: 1)
        let second = await fixture.queue.enqueue(type: "T")
        async let run = fixture.host.run(untilIdle: false)
        #expect(try await eventually { try await fixture.entry(second).status == .completed })
        #expect(await eventually { fixture.host.tasksHeld == 1 })
        #expect(fixture.host.engine.desk?.count == 1)
        fixture.host.shutdown(reason: "test")
        let summary = try await run
        #expect(summary.retried == 1 && summary.released == 1)
        let entry = try await fixture.entry(first)
        #expect(entry.status == .pending && entry.failure?.type == "Flaky", "its failure was reported, to be retried")
        #expect(ear.reports.withLock { $0.count } == 2)
        #expect(fixture.events.lines(of: first).last == "released \(first)")
    }

    @Test func aTaskThatWaitsIsCancelled() async throws {
        let (fixture, _) = try fixture(
            worker(), FlakyWorker(retryAfter: .seconds(30)) { _ in .fails }, lease: .seconds(600))
        let id = await fixture.queue.enqueue(type: "T")
        async let run = fixture.host.run(untilIdle: true)
        #expect(await eventually { fixture.host.engine.desk?.count == 1 })
        #expect(fixture.host.cancel(taskID: id, reason: "not wanted"))
        #expect(try await run.failed == 1)
        let entry = try await fixture.entry(id)
        #expect(entry.status == .failed && entry.failure?.isCancellation == true)
        #expect(entry.failure?.message.contains("not wanted") == true)
    }

    @Test func aRequestOfTheTaskManagerReachesATaskThatWaits() async throws {
        let (fixture, _) = try fixture(
            worker(), FlakyWorker(retryAfter: .seconds(30)) { _ in .fails }, lease: .seconds(600))
        let id = await fixture.queue.enqueue(type: "T")
        async let run = fixture.host.run(untilIdle: true)
        #expect(await eventually { fixture.host.engine.desk?.count == 1 })
        #expect(await fixture.queue.cancel(id))
        #expect(try await run.failed == 1)
        #expect(try await fixture.entry(id).failure?.isCancellation == true)
    }

    @Test func aRetryThatDoesNotFitIntoTheLeaseIsNotBegun() async throws {
        let (fixture, ear) = try fixture(
            worker(RetryPolicy(maxAttempts: 5, backoff: .constant(.seconds(100)))), FlakyWorker { _ in .fails })
        let id = await fixture.queue.enqueue(type: "T")
        let summary = try await fixture.host.run(untilIdle: true)
        #expect(summary.failed == 1 && summary.retried == 0)
        let failure = try #require(try await fixture.entry(id).failure)
        #expect(failure.type == "Flaky" && !failure.isRetriable)
        #expect(failure.message.contains("attempt 1 of 5") && failure.message.contains("claim_timeout"))
        #expect(ear.reports.withLock { $0.count } == 1)
    }

    @Test func anAttemptIsEndedBeforeItsLeaseIs() async throws {
        let queue = MemoryTaskManager(
            leaseDuration: .seconds(8), abilities: [.endsFailedTasks], extendsLeases: false)
        let ear = Ear(queue)
        let fixture = try HostFixture(
            [FaultChild.configuration(["ignores-term"], retry: Self.quick)], queue: queue, taskManager: { _ in ear })
        let id = await fixture.queue.enqueue(type: "T")
        #expect(try await fixture.host.run(untilIdle: true).failed == 1)
        let report = try #require(ear.reports.withLock { $0.first })
        let expiresAt = try #require(report.lease.expiresAt)
        #expect(report.attempt.endedAt < expiresAt)
        let failure = try #require(try await fixture.entry(id).failure)
        #expect(failure.kind == .timeout && failure.message.contains("claim_timeout"), "\(failure)")
    }

    @Test func aSwiftWorkerIsToldOfTheEndOfItsLease() async throws {
        let (fixture, _) = try fixture(worker(), FlakyWorker { _ in .hangs }, lease: .seconds(2))
        let id = await fixture.queue.enqueue(type: "T")
        #expect(try await fixture.host.run(untilIdle: true).failed == 1)
        #expect(try await fixture.entry(id).failure?.kind == .timeout)
    }

    @Test func aTaskWithoutEnoughLeaseIsNotStarted() async throws {
        let (fixture, ear) = try fixture(
            worker(grace: .seconds(60)), FlakyWorker { _ in .succeeds }, lease: .seconds(30))
        let id = await fixture.queue.enqueue(type: "T")
        async let run = fixture.host.run(untilIdle: false)
        #expect(await eventually { ear.reports.withLock { !$0.isEmpty } })
        fixture.host.shutdown(reason: "test")
        _ = try await run
        #expect(!fixture.events.lines(of: id).contains { $0.hasPrefix("started") })
        #expect(try await fixture.entry(id).attempts == 0)
    }

    @Test func whereTheTaskManagerRetriesItHearsOfEachFailure() async throws {
        let (fixture, ear) = try fixture(
            worker(RetryPolicy(maxAttempts: 1)), FlakyWorker { _ in .fails }, retries: .taskManager, maxAttempts: 4)
        let id = await fixture.queue.enqueue(type: "T")
        _ = try await fixture.host.run(untilIdle: true)
        #expect(try await fixture.entry(id).attempts == 4, "the worker's own number does not matter")
        // A task that was handed out again before its report was settled here may have been given back in between.
        let failures = ear.reports.withLock { $0.filter { OutboxEntry.Outcome($0.outcome) == .retry } }
        #expect(failures.map(\.attempt.number) == [1, 2, 3, 4])
    }

    @Test func aTaskThatWaitsOutlivesAReload() async throws {
        let (fixture, ear) = try fixture(
            worker(RetryPolicy(maxAttempts: 3, backoff: .constant(.milliseconds(300)))),
            FlakyWorker { $0 < 2 ? .fails : .succeeds })
        let id = await fixture.queue.enqueue(type: "T")
        async let run = fixture.host.run(untilIdle: true)
        #expect(await eventually { fixture.events.lines(of: id).contains("retrying \(id)") })
        var configuration = fixture.host.configuration
        configuration.workers[0].timeout = .seconds(50)
        try fixture.host.reload(configuration)
        let summary = try await run
        #expect(summary.completed == 1 && summary.retried == 1)
        #expect(ear.reports.withLock { $0.count } == 1)
    }

    @Test func waitingTasksAreBounded() async throws {
        let (fixture, _) = try fixture(
            worker(), FlakyWorker(retryAfter: .seconds(300), takes: .milliseconds(70)) { _ in .fails },
            lease: .seconds(3600))
        for _ in 0..<40 { await fixture.queue.enqueue(type: "T") }
        async let run = fixture.host.run(untilIdle: false)
        let most = fixture.host.engine.proxies.first?.mostWaiting ?? 16
        #expect(await eventually { fixture.host.engine.desk.map { $0.count > most } ?? false })
        let held = fixture.host.tasksHeld
        #expect(held <= most + 2, "\(held) are held by a worker of one slot")
        fixture.host.shutdown(reason: "test")
        let summary = try await run
        // The attempt that ran when the host was told to stop may have ended by itself.
        #expect((0...1).contains(summary.retried - summary.released))
        #expect(try await fixture.queue.taskCounts()?.pending == 40)
    }

    @Test func aPermanentFailureIsRunOnceHoweverOftenItIsHandedOut() async throws {
        let queue = MemoryTaskManager(abilities: [], extendsLeases: false, maxAttempts: 3)
        let fixture = try HostFixture(
            [worker()], queue: queue, swiftWorkers: [FlakyWorker { _ in .refuses }]
        ) {
            DeliveringTaskManager(
                $0, outbox: MemoryOutbox(), logger: Logger(label: "t") { _ in SwiftLogNoOpLogHandler() })
        }
        let id = await fixture.queue.enqueue(type: "T")
        let summary = try await fixture.host.run(untilIdle: true)
        let entry = try await fixture.entry(id)
        #expect(entry.status == .failed && entry.attempts == 3 && summary.failed == 1)
        #expect(fixture.events.lines(of: id).filter { $0.hasPrefix("started") }.count == 1)
        // It may come again while the report of before is just being noted: that report is then told once more.
        let delivery = try #require(fixture.host.delivery)
        #expect(delivery.failedFromMemory + delivery.rebound == 2, "\(delivery)")
    }
}

/// Does what it is told, by the attempt's number.
private final class FlakyWorker: Worker {
    enum Behaviour: Sendable { case succeeds, fails, failsFirstTask, refuses, hangs }

    let name = "flaky"
    private let behaviour: @Sendable (Int) -> Behaviour
    private let retryAfter: Duration?
    private let duration: Duration
    private let first = Guarded<String?>(nil)

    init(
        retryAfter: Duration? = nil, takes duration: Duration = .zero,
        _ behaviour: @escaping @Sendable (Int) -> Behaviour
    ) {
        self.duration = duration
        self.retryAfter = retryAfter
        self.behaviour = behaviour
    }

    func canHandle(_ taskType: String) -> Bool { true }

    func process(_ task: WorkerTask) async throws(TaskFailure) -> TaskResult {
        var failure = TaskFailure(kind: .retriable, type: "Flaky", message: "not today")
        failure.retryAfter = retryAfter
        let isFirst = first.withLock { first in
            first = first ?? task.id
            return first == task.id
        }
        // Cut short when the task is stopped.
        if duration > .zero { do { try await Task.sleep(for: duration) } catch { throw failure } }
        switch behaviour(task.metadata.attempt) {
        case .succeeds: break
        case .fails: throw failure
        case .failsFirstTask: if isFirst { throw failure }
        case .refuses: throw TaskFailure(kind: .permanent, type: "Refused", message: "never")
        case .hangs:
            // Ended by the cancellation that it waits for.
            do { try await Task.sleep(for: .seconds(3600)) } catch { throw failure }
        }
        return TaskResult(value: .emptyObject)
    }

    func healthCheck() async -> HealthStatus { .healthy }
}
