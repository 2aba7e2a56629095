import Foundation
import Logging
import ServiceLifecycle
import Testing
import WorkerHostTesting

@testable import WorkerHostCore

@Suite struct ShutdownTests {
    private func started(_ fixture: HostFixture, _ count: Int) async -> Bool {
        await eventually { fixture.events.lines.filter { $0.hasPrefix("started") }.count >= count }
    }

    @Test func whatRunsIsFinishedAndWhatDoesNotGoesBackUnspent() async throws {
        let fixture = try HostFixture([FaultChild.configuration(["sleeps", "300"], concurrency: 2)])
        for _ in 0..<10 { await fixture.queue.enqueue(type: "T") }
        async let run = fixture.host.run(untilIdle: false)
        #expect(await started(fixture, 2))
        fixture.host.shutdown(reason: "test")
        let summary = try await run
        let counts = try #require(try await fixture.queue.taskCounts())
        #expect(counts.running == 0 && counts.failed == 0)
        #expect(counts.completed == summary.completed && summary.completed >= 2)
        #expect(counts.pending == 10 - counts.completed)
        for id in 1...10 where try await fixture.entry("\(id)").status == .pending {
            #expect(try await fixture.entry("\(id)").attempts == 0)
        }
    }

    @Test func whatDoesNotFinishInTimeIsEndedAndGivenBack() async throws {
        let fixture = try HostFixture(
            [FaultChild.configuration(["ignores-term"], grace: .milliseconds(100))],
            shutdownTimeout: .milliseconds(100))
        let id = await fixture.queue.enqueue(type: "T")
        async let run = fixture.host.run(untilIdle: false)
        #expect(await started(fixture, 1))
        fixture.host.shutdown(reason: "test")
        let summary = try await run
        #expect(summary.released == 1 && summary.failed == 0)
        let entry = try await fixture.entry(id)
        #expect(entry.status == .pending && entry.attempts == 0)
    }

    @Test func aWorkerThatFinishesAfterSIGTERMHasFinished() async throws {
        let ready = NSTemporaryDirectory() + "workerhost-\(UUID().uuidString).ready"
        let fixture = try HostFixture(
            [FaultChild.configuration(["replies-on-term", ready], grace: .seconds(20))],
            shutdownTimeout: .milliseconds(50))
        let id = await fixture.queue.enqueue(type: "T")
        async let run = fixture.host.run(untilIdle: false)
        #expect(await eventually { FileManager.default.fileExists(atPath: ready) })
        fixture.host.shutdown(reason: "test")
        #expect(try await run.completed == 1)
        #expect(try await fixture.entry(id).result?.value.text == #"{"finished":"after SIGTERM"}"#)
    }

    @Test func hurryDoesNotWaitForTheShutdownTimeout() async throws {
        let fixture = try HostFixture(
            [FaultChild.configuration(["hangs"], grace: .seconds(600))], shutdownTimeout: .seconds(600))
        let id = await fixture.queue.enqueue(type: "T")
        async let run = fixture.host.run(untilIdle: false)
        #expect(await started(fixture, 1))
        fixture.host.shutdown(reason: "test")
        fixture.host.hurry()
        #expect(try await run.released == 1)
        #expect(try await fixture.entry(id).attempts == 0)
    }

    @Test func hurryTwiceKillsWhatIgnoresSIGTERM() async throws {
        let fixture = try HostFixture(
            [FaultChild.configuration(["ignores-term"], grace: .seconds(600))], shutdownTimeout: .seconds(600))
        await fixture.queue.enqueue(type: "T")
        async let run = fixture.host.run(untilIdle: false)
        #expect(await started(fixture, 1))
        fixture.host.shutdown(reason: "test")
        fixture.host.hurry()
        fixture.host.hurry()
        #expect(try await run.released == 1)
    }

    @Test func aCancelledTaskStopsTheHost() async throws {
        let fixture = try HostFixture([FaultChild.configuration(["hangs"])])
        await fixture.queue.enqueue(type: "T")
        let run = Task { try await fixture.host.run(untilIdle: false) }
        #expect(await started(fixture, 1))
        run.cancel()
        #expect(try await run.value.released == 1)
    }

    @Test func aServiceGroupStopsTheHost() async throws {
        let fixture = try HostFixture([FaultChild.configuration(["sleeps", "100"])])
        let id = await fixture.queue.enqueue(type: "T")
        let group = ServiceGroup(services: [fixture.host], logger: .init(label: "test"))
        async let run: Void = group.run()
        #expect(await started(fixture, 1))
        await group.triggerGracefulShutdown()
        try await run
        #expect(try await fixture.entry(id).status == .completed)
    }

    @Test func aLostLeaseEndsItsAttempt() async throws {
        let fixture = try HostFixture([FaultChild.configuration(["hangs"])], taskManager: LosingQueue.init)
        let id = await fixture.queue.enqueue(type: "T")
        async let run = fixture.host.run(untilIdle: false)
        #expect(await started(fixture, 1))
        #expect(await eventually { fixture.events.lines(of: id).contains { $0.hasPrefix("released") } })
        fixture.host.shutdown(reason: "test")
        #expect(try await run.failed == 0)
        #expect(try await fixture.entry(id).attempts == 0)
    }
}

/// A queue that says each lease is lost as soon as it is to be extended.
private struct LosingQueue: TaskManagerAdapter {
    let base: MemoryTaskManager
    let leaseDuration: Duration? = .milliseconds(300)

    func receiveTasks(limit: Int, types: [String]) async throws -> [LeasedTask] {
        try await base.receiveTasks(limit: limit, types: types)
    }

    func complete(_ reports: [TaskReport]) async throws -> [Acknowledgement] { try await base.complete(reports) }

    func healthCheck() async -> HealthStatus { .healthy }

    func extendLeases(_ leases: [(taskID: String, lease: Lease)]) async throws -> [String] { leases.map(\.taskID) }
}
