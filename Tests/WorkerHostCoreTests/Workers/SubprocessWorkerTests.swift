import Foundation
import Testing

@testable import WorkerHostCore

@Suite struct SubprocessWorkerTests {
    private final class Outcomes: AttemptSink {
        let all = Guarded<[AttemptOutcome]>([])

        func attemptEnded(_ outcome: AttemptOutcome) { all.withLock { $0.append(outcome) } }

        var count: Int { all.withLock { $0.count } }
    }

    private func leased(_ id: Int) -> LeasedTask {
        LeasedTask(task: FaultChild.task("\(id)"), lease: Lease(token: "t"))
    }

    @Test func whatWaitsTooLongForASlotIsTakenBack() async {
        let worker = SubprocessWorker(FaultChild.configuration(["hangs"]), environment: [:])
        let outcomes = Outcomes()
        worker.dispatch((0..<5).map(leased), to: outcomes)
        #expect(worker.takeUnstarted(ifWaitingLongerThan: .seconds(600)).isEmpty)
        let taken = worker.takeUnstarted(ifWaitingLongerThan: .zero)
        #expect(taken.count >= 4, "at most one can have been started")
        worker.stopAll(reason: .shutdown, hurry: true)
        await worker.close()
        #expect(outcomes.count + taken.count == 5)
    }

    @Test func anEndedLeaseIsNotStarted() async {
        let services = LaneServices(
            emit: { _ in }, flightRecorder: nil, hostMark: "", passesOutput: false, mayStart: { _ in false })
        let worker = SubprocessWorker(FaultChild.configuration(["ok"]), environment: [:], services: services)
        let outcome = await FaultChild.run(worker, FaultChild.task())
        await worker.close()
        #expect(outcome.failure?.kind == .leaseLost && outcome.record.pid == nil)
    }

    @Test func aStopHitsOnlyTheAttemptItNames() async {
        let worker = SubprocessWorker(FaultChild.configuration(["sleeps", "300"], concurrency: 2), environment: [:])
        let outcomes = Outcomes()
        worker.dispatch([leased(1), leased(2)], to: outcomes)
        worker.stop(taskID: "1", leaseToken: "an older lease", reason: .leaseLost)
        worker.stop(taskID: "3", leaseToken: "t", reason: .leaseLost)
        #expect(await eventually { outcomes.count == 2 })
        #expect(outcomes.all.withLock { $0.allSatisfy { $0.value == #"{"ok":true}"# } })
        await worker.close()
    }

    @Test func whatIsQueuedWhenAWorkerIsClosedIsAnswered() async {
        let worker = SubprocessWorker(FaultChild.configuration(["sleeps", "50"]), environment: [:])
        let outcomes = Outcomes()
        worker.dispatch((0..<4).map(leased), to: outcomes)
        await worker.close()
        #expect(outcomes.count == 4)
        worker.dispatch([leased(9)], to: outcomes)
        #expect(await eventually { outcomes.count == 5 })
    }
}
