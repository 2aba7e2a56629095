import Logging
import Testing

@testable import WorkerHostCore

/// The bookkeeping of a worker's slots, without processes.
@Suite struct WorkerProxyTests {
    private func proxy(concurrency: Int = 1) -> WorkerProxy {
        let configuration = FaultChild.configuration(["ok"], concurrency: concurrency)
        return WorkerProxy(
            worker: SubprocessWorker(configuration, environment: [:]), configuration: configuration, schema: nil,
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }, emit: { _ in }, healthChanged: {})
    }

    private func outcome(
        _ kind: TaskFailure.Kind?, ran runTime: Duration?, token: String = "l"
    ) -> AttemptOutcome {
        let now = Timestamp.now
        var record = AttemptRecord(worker: "fault", number: 1, startedAt: runTime.map { now.advanced(by: .zero - $0) })
        record.endedAt = now
        let result: Result<TaskResult, TaskFailure> =
            kind.map { .failure(TaskFailure(kind: $0, message: "x")) } ?? .success(TaskResult(value: .emptyObject))
        return AttemptOutcome(
            leased: LeasedTask(task: FaultChild.task(), lease: Lease(token: token)), result: result, record: record)
    }

    @Test func aTaskThatHasEndedTakesNoSlotAsLongAsReportsAreTaken() {
        let proxy = proxy(concurrency: 2)
        proxy.tasksLeased(2)
        #expect(proxy.room().count == 0)
        proxy.tasksFinished(2)
        #expect(proxy.room().count == 2, "their reports are on their way")
        proxy.tasksLeased(2)
        proxy.tasksFinished(2)
        #expect(proxy.room().count == 0, "but not too many of them")
        proxy.tasksSettled(2, held: 2)
        #expect(proxy.room().count == 2)
        proxy.reporting(isBroken: true)
        #expect(proxy.room().count == 0, "what cannot be reported is not added to")
        proxy.reporting(isBroken: false)
        proxy.tasksSettled(2, held: 2)
        #expect(proxy.room().count == 2 && proxy.held == 0)
    }

    /// A probe's task that fails before a process is started says nothing about the worker. The worker must be probed
    /// again, or it would stay unavailable for ever.
    @Test(arguments: [TaskFailure.Kind.invalidParameters, .permanent, .timeout, .leaseLost, .interrupted])
    func aProbeThatStartsNothingIsFollowedByAnother(_ kind: TaskFailure.Kind) async {
        let proxy = proxy()
        for _ in 0..<BreakerMachine.threshold {
            proxy.tasksLeased(1)
            _ = proxy.report(outcome(.startFailed, ran: nil))
            proxy.tasksFinished(1)
            proxy.tasksSettled(1, held: 1)
        }
        #expect(!proxy.isHealthy)
        #expect(await eventually { proxy.room().count == 1 })
        proxy.tasksLeased(1)
        _ = proxy.report(outcome(kind, ran: nil))
        proxy.tasksFinished(1)
        proxy.tasksSettled(1, held: 1)
        #expect(proxy.room().count == 1, "the next probe may go")
        proxy.tasksLeased(1)
        _ = proxy.report(outcome(nil, ran: .milliseconds(1)))
        proxy.tasksFinished(1)
        proxy.tasksSettled(1, held: 1)
        #expect(proxy.isHealthy)
    }

    /// A5: for random schedules, a claim never takes the tasks held beyond the slots and what may be leased ahead.
    @Test(arguments: 0..<50)
    func neverMoreIsHeldThanMayStartSoon(_ seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        let slots = Int.random(in: 1...8, using: &random)
        let proxy = proxy(concurrency: slots)
        var model = LeaseAhead()
        var held = 0
        for _ in 0..<400 {
            if Bool.random(using: &random) {
                let room = proxy.room().count
                #expect(room >= 0)
                // The TaskManager has some of it, all, or nothing.
                let leased = Int.random(in: 0...room, using: &random)
                if leased > 0 { proxy.tasksLeased(leased) } else { proxy.claimCameBackEmpty(answered: true) }
                held += leased
                if leased > 0 { #expect(held <= slots + model.depth(slots: slots)) }
            } else if held > 0 {
                let runTime = Duration.microseconds(Int64.random(in: 1...100_000, using: &random))
                let count = Int.random(in: 1...held, using: &random)
                for _ in 0..<count {
                    let ended = outcome(Bool.random(using: &random) ? nil : .retriable, ran: runTime)
                    _ = proxy.report(ended)
                    model.note(ended.record.startedAt?.duration(to: ended.record.endedAt) ?? .zero)
                }
                proxy.tasksFinished(count)
                proxy.tasksSettled(count, held: count)
                held -= count
            }
        }
        for _ in 0..<64 { _ = proxy.report(outcome(nil, ran: .seconds(1))) }
        proxy.tasksFinished(held)
        proxy.tasksSettled(held, held: held)
        #expect(proxy.room().count == slots, "long tasks are leased for free slots only")
    }
}
