import Foundation
import Testing
import WorkerHostTesting

@testable import WorkerHostCore

/// A cancel ends the attempt it was made for, and nothing else.
@Suite struct CancelTests {
    private func retrying(_ behaviour: [String], grace: Duration = .seconds(20)) -> WorkerConfiguration {
        FaultChild.configuration(
            behaviour, grace: grace, retry: RetryPolicy(maxAttempts: 3, backoff: .constant(.milliseconds(5))))
    }

    /// Runs one task, cancels it in its TaskManager once `isReady`, and waits until it is over.
    private func cancel(
        _ worker: WorkerConfiguration, reason: String? = nil, isReady: (HostFixture) -> Bool
    ) async throws -> (entry: MemoryTaskManager.Entry, fixture: HostFixture, summary: RunSummary) {
        let fixture = try HostFixture([worker])
        let id = await fixture.queue.enqueue(type: "T")
        async let run = fixture.host.run(untilIdle: true)
        #expect(await eventually { isReady(fixture) })
        #expect(await fixture.queue.cancel(id, reason: reason))
        let summary = try await run
        return (try await fixture.entry(id), fixture, summary)
    }

    private func hasStarted(_ fixture: HostFixture) -> Bool {
        fixture.events.lines.contains { $0.hasPrefix("started") }
    }

    @Test func aRunningAttemptIsEndedAndNotTriedAgain() async throws {
        let (entry, fixture, summary) = try await cancel(
            retrying(["hangs"]), reason: "wrong channel", isReady: hasStarted)
        #expect(entry.status == .failed && entry.attempts == 1)
        #expect(entry.failure?.kind == .permanent && entry.failure?.isCancellation == true)
        #expect(
            entry.failure?.message
                == "the task was cancelled, so worker 'fault' was ended (reason: wrong channel)")
        #expect(summary.failed == 1 && summary.retried == 0)
        #expect(fixture.events.lines.contains("failed-permanent 1"))
    }

    @Test func aWorkerThatIgnoresSIGTERMIsKilledAfterItsGrace() async throws {
        let (entry, _, _) = try await cancel(
            retrying(["ignores-term"], grace: .milliseconds(50)), isReady: hasStarted)
        #expect(entry.failure?.isCancellation == true)
    }

    @Test func workThatIsFinishedInTheGraceCounts() async throws {
        let file = NSTemporaryDirectory() + "workerhost-cancel-\(UUID().uuidString)"
        defer { unlink(file) }
        let (entry, _, summary) = try await cancel(retrying(["replies-on-term", file])) { _ in
            access(file, F_OK) == 0
        }
        #expect(entry.status == .completed && summary.completed == 1)
    }

    @Test func embeddersCancelWhatTheirHostHolds() async throws {
        let sleeper = Sleeper()
        let fixture = try HostFixture(
            [FaultChild.configuration(["ok"], name: "sleeper")], swiftWorkers: [sleeper])
        let ids = [await fixture.queue.enqueue(type: "T"), await fixture.queue.enqueue(type: "T")]
        async let run = fixture.host.run(untilIdle: false)
        #expect(await eventually { sleeper.running.withLock { $0 } == [ids[0]] })
        #expect(!fixture.host.cancel(taskID: "no such task"))
        #expect(!fixture.host.cancel(taskID: ids[1]), "it waits in the TaskManager, not here")
        #expect(fixture.host.cancel(taskID: ids[0], reason: "enough"))
        #expect(await eventually { sleeper.running.withLock { $0 } == [ids[1]] })
        #expect(try await fixture.entry(ids[0]).failure?.message.hasSuffix("(reason: enough)") == true)
        #expect(fixture.host.cancel(taskID: ids[1]))
        #expect(try await eventually { try await fixture.entry(ids[1]).status == .failed })
        #expect(!fixture.host.cancel(taskID: ids[1]))
        fixture.host.shutdown(reason: "test")
        _ = try await run
    }

    @Test func aTaskThatWaitsForASlotIsAnsweredAtOnce() async {
        let worker = SubprocessWorker(retrying(["hangs"]), environment: [:])
        let outcomes = CancelOutcomes()
        worker.dispatch((1...3).map(outcomes.leased), to: outcomes)
        #expect(await eventually { worker.takeUnstarted(ifWaitingLongerThan: .seconds(600)).isEmpty })
        worker.stop(taskID: "3", leaseToken: "another", reason: .cancelled)
        #expect(outcomes.all.isEmpty)
        worker.stop(taskID: "3", leaseToken: "token 3", reason: .cancelled)
        let outcome = outcomes.all.first
        #expect(outcome?.leased.task.id == "3" && outcome?.failure?.isCancellation == true)
        #expect(outcome?.record.startedAt == nil && outcomes.all.count == 1)
        #expect(worker.takeUnstarted(ifWaitingLongerThan: .zero).map(\.task.id).contains("2"))
        worker.stopAll(reason: .shutdown, hurry: true)
        await worker.close()
    }

    @Test func aLeaseThatIsLostEndsTheGraceOfACancel() async {
        let worker = SubprocessWorker(retrying(["ignores-term"], grace: .seconds(600)), environment: [:])
        let outcomes = CancelOutcomes()
        worker.dispatch([outcomes.leased(1)], to: outcomes)
        worker.stop(taskID: "1", leaseToken: "token 1", reason: .cancelled)
        let ended = await eventually {
            worker.stop(taskID: "1", leaseToken: "token 1", reason: .leaseLost)
            return outcomes.all.count == 1
        }
        #expect(ended)
        await worker.close()
    }

    /// Real processes on real lanes, cancels at any moment, half of them under a wrong lease.
    @Test(arguments: 1...3)
    func aCancelNeverHitsAnotherAttempt(_ seed: UInt64) async {
        var random = SeededGenerator(seed: seed)
        let worker = SubprocessWorker(
            FaultChild.configuration(["sleeps", "2"], concurrency: 3), environment: [:])
        let outcomes = CancelOutcomes()
        var named: Set<Int> = []
        var next = 1
        while next <= 80 {
            let batch = Int.random(in: 1...6, using: &random)
            worker.dispatch((next..<(next + batch)).map(outcomes.leased), to: outcomes)
            next += batch
            for _ in 0..<Int.random(in: 0...4, using: &random) {
                // Mostly of those that are about to run, run, or have just ended.
                let id = max(1, min(next + 1, outcomes.all.count + Int.random(in: -1...6, using: &random)))
                if Bool.random(using: &random) {
                    named.insert(id)
                    worker.stop(taskID: "\(id)", leaseToken: "token \(id)", reason: .cancelled)
                } else {
                    worker.stop(taskID: "\(id)", leaseToken: "token \(id + 1)", reason: .cancelled)
                }
                for _ in 0..<Int.random(in: 0...200, using: &random) { await Task.yield() }
            }
        }
        let count = next - 1
        #expect(await eventually { outcomes.all.count == count })
        await worker.close()
        let all = outcomes.all
        #expect(Set(all.map(\.leased.task.id)).count == count && all.count == count, "each has one outcome")
        #expect(all.contains { $0.value == nil }, "some were hit")
        for outcome in all where outcome.value == nil {
            #expect(outcome.failure?.isCancellation == true, "\(outcome.failure?.description ?? "")")
            #expect(named.contains(Int(outcome.leased.task.id) ?? 0), "task \(outcome.leased.task.id) was not named")
        }
    }

    /// The same through the whole host, where every cancel that the TaskManager took must have its effect.
    @Test(arguments: 1...3)
    func everyCancelHasItsEffectAndNoOther(_ seed: UInt64) async throws {
        var random = SeededGenerator(seed: seed)
        let fixture = try HostFixture([FaultChild.configuration(["sleeps", "3"], concurrency: 3)])
        var ids: [String] = []
        for _ in 0..<90 { ids.append(await fixture.queue.enqueue(type: "T")) }
        async let run = fixture.host.run(untilIdle: true)
        var named: Set<String> = []
        for id in ids where Int.random(in: 0..<3, using: &random) == 0 {
            let early = Int.random(in: -3...3, using: &random)
            let number = Int(id) ?? 0
            let neighbour = "\(min(max(1, number - early), ids.count))"
            _ = await eventually { await fixture.queue.entry(neighbour)?.status != .pending }
            if await fixture.queue.cancel(id) { named.insert(id) }
        }
        let summary = try await run
        #expect(summary.completed + summary.failed <= ids.count && summary.retried == 0)
        for id in ids {
            let entry = try await fixture.entry(id)
            #expect(entry.status == .completed || entry.failure?.isCancellation == true)
            #expect(entry.status == .completed || named.contains(id), "task \(id) was not cancelled")
            #expect(entry.attempts <= 1)
        }
    }
}

/// Gives leases and collects outcomes.
private final class CancelOutcomes: AttemptSink {
    private let state = Guarded<[AttemptOutcome]>([])

    var all: [AttemptOutcome] { state.withLock { $0 } }

    func attemptEnded(_ outcome: AttemptOutcome) { state.withLock { $0.append(outcome) } }

    func leased(_ id: Int) -> LeasedTask {
        LeasedTask(task: FaultChild.task("\(id)"), lease: Lease(token: "token \(id)"))
    }
}

/// Works until its task is cancelled.
private final class Sleeper: Worker {
    let name = "sleeper"
    let running = Guarded<[String]>([])

    func canHandle(_ taskType: String) -> Bool { true }

    func process(_ task: WorkerTask) async throws(TaskFailure) -> TaskResult {
        running.withLock { $0 = [task.id] }
        do {
            try await Task.sleep(for: .seconds(600))
        } catch {
            running.withLock { $0 = [] }
            throw TaskFailure(kind: .retriable, message: "ended early")
        }
        return TaskResult(value: .emptyObject)
    }

    func healthCheck() async -> HealthStatus { .healthy }
}
