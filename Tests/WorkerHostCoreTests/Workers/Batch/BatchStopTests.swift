import Foundation
import Testing

@testable import WorkerHostCore

/// Cancels, lost leases and shutdown in batches.
@Suite struct BatchStopTests {
    private func begun(_ params: [String]) async -> (BatchWorker, OutcomeCollector) {
        let worker = BatchFixture.worker()
        let sink = OutcomeCollector()
        worker.dispatch(params.enumerated().map { PoolFixture.leased($0, $1) }, to: sink)
        // The first is a quick one: when it is answered, the second is in turn.
        #expect(await eventually { sink.count == 1 })
        return (worker, sink)
    }

    @Test func cancellingTheTaskInTurnHitsNobodyElse() async {
        let (worker, sink) = await begun(["{}", #"{"sleep":60}"#, "{}", "{}"])
        worker.stop(taskID: "t1", leaseToken: "other", reason: .cancelled)
        worker.stop(taskID: "t1", leaseToken: "l1", reason: .cancelled)
        #expect(await eventually { sink.count == 4 })
        #expect(sink.outcome(1)?.failure?.isCancellation == true)
        #expect(sink.outcome(2)?.value != nil && sink.outcome(3)?.value != nil)
        #expect(sink.kinds(2).isEmpty && sink.pid(2) == sink.pid(3))
        await worker.close()
    }

    @Test func cancellingATaskThatWaitsForItsTurnLetsTheOneInTurnFinish() async throws {
        let gate = NSTemporaryDirectory() + "gate-\(UUID().uuidString)"
        let (worker, sink) = await begun(["{}", #"{"wait":"\#(gate)"}"#, #"{"sleep":60}"#, "{}"])
        worker.stop(taskID: "t2", leaseToken: "l2", reason: .cancelled)
        try Data().write(to: URL(fileURLWithPath: gate))
        #expect(await eventually { sink.count == 4 })
        #expect(sink.outcome(1)?.value != nil && sink.outcome(3)?.value != nil)
        #expect(sink.outcome(2)?.failure?.isCancellation == true)
        await worker.close()
    }

    @Test func cancellingATaskThatNoProcessWasGivenAnswersIt() async throws {
        let (worker, sink) = await begun(["{}", #"{"sleep":60}"#])
        worker.dispatch([PoolFixture.leased(9)], to: sink)
        worker.stop(taskID: "t9", leaseToken: "l9", reason: .cancelled)
        #expect(sink.outcome(9)?.failure?.isCancellation == true && sink.outcome(9)?.record.pid == nil)
        worker.stopAll(reason: .shutdown, hurry: true)
        await worker.close()
    }

    @Test func aLostLeaseEndsItsTaskAndTheOthersGoOn() async {
        let (worker, sink) = await begun(["{}", #"{"sleep":60}"#, "{}"])
        worker.stop(taskID: "t1", leaseToken: "l1", reason: .leaseLost)
        #expect(await eventually { sink.count == 3 })
        #expect(sink.outcome(1)?.failure?.kind == .leaseLost && sink.outcome(2)?.value != nil)
        await worker.close()
    }

    @Test func aShutdownGivesBackWhatHasNoReply() async {
        let (worker, sink) = await begun(["{}", #"{"sleep":60}"#, "{}"])
        worker.stopAll(reason: .shutdown, hurry: false)
        #expect(await eventually { sink.count == 3 })
        #expect(sink.outcome(0)?.value != nil)
        #expect(sink.outcome(1)?.failure?.kind == .interrupted && sink.outcome(2)?.failure?.kind == .interrupted)
        worker.dispatch([PoolFixture.leased(3)], to: sink)
        #expect(await eventually { sink.count == 4 })
        #expect(sink.outcome(3)?.failure?.kind == .interrupted && sink.outcome(3)?.record.pid == nil)
        await worker.close()
    }

    @Test func aTaskWhoseLeaseHasEndedIsNotStarted() async {
        var services = LaneServices.none
        services.mayStart = { $0.task.id != "t1" }
        let worker = BatchFixture.worker(services: services)
        let sink = OutcomeCollector()
        worker.dispatch((0..<3).map { PoolFixture.leased($0) }, to: sink)
        #expect(await eventually { sink.count == 3 })
        #expect(sink.outcome(1)?.failure?.kind == .leaseLost && sink.outcome(1)?.record.pid == nil)
        #expect(sink.outcome(0)?.value != nil && sink.pid(0) == sink.pid(2))
        await worker.close()
    }
}
