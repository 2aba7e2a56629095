import Logging

/// Stands between the host and one worker: counts its slots, decides about retries, keeps its breaker, tells the
/// observers.
final class WorkerProxy: Sendable {
    private struct State {
        var held = 0
        var breaker = BreakerMachine()
        var ahead = LeaseAhead()
        var lastClaimWasEmpty = false
    }

    let worker: any DispatchingWorker
    let configuration: WorkerConfiguration
    /// What a task's parameters must satisfy.
    let schema: ParameterSchema?
    private let logger: Logger
    private let emit: @Sendable ([TaskEvent]) -> Void
    private let state = Guarded(State())
    /// Fires when ``room()`` may have changed.
    let roomChanged = Signal()
    /// Fires when the breaker opens or closes: other workers take over, or hand back.
    private let healthChanged: @Sendable () -> Void

    init(
        worker: any DispatchingWorker, configuration: WorkerConfiguration, schema: ParameterSchema?, logger: Logger,
        emit: @escaping @Sendable ([TaskEvent]) -> Void, healthChanged: @escaping @Sendable () -> Void
    ) {
        self.worker = worker
        self.configuration = configuration
        self.schema = schema
        self.logger = logger
        self.emit = emit
        self.healthChanged = healthChanged
    }

    /// Whether its processes start.
    var isHealthy: Bool { state.withLock { $0.breaker.isClosed } }

    /// Why it is unavailable and how many probes failed; nil while it is healthy.
    var trouble: (reason: String, failedProbes: Int)? {
        state.withLock { $0.breaker.isClosed ? nil : ($0.breaker.lastReason, $0.breaker.failedProbes) }
    }

    /// The longest that a task may be held once it is leased: leased ahead, run, ended by force.
    var longestHold: Duration {
        configuration.timeout + configuration.stopGrace + .seconds(30)
    }

    /// How many tasks may be leased now, and when to ask again if none may.
    func room() -> (count: Int, askAgain: MonotonicTime?) {
        let now = MonotonicTime.now
        return state.withLock { state in
            let depth = state.ahead.depth(slots: worker.concurrency)
            let free = worker.concurrency + depth - state.held
            // As long as the slots have something to go on with, the queue is asked for many at once or not at all.
            guard free > 0, state.held < worker.concurrency || free >= depth / 2 else { return (0, nil) }
            let allowed = state.breaker.allowance(free, now)
            return (allowed, allowed == 0 ? state.breaker.nextProbe : nil)
        }
    }

    /// Whether all slots stay busy although `finished` of the tasks held have ended: their reports may wait a moment.
    func staysBusy(without finished: Int) -> Bool {
        state.withLock { $0.held - finished >= worker.concurrency }
    }

    /// A claim that was allowed has brought nothing: there is nothing, or the TaskManager did not answer.
    func claimCameBackEmpty(answered: Bool) {
        state.withLock { state in
            state.breaker.probeUnused(.now)
            state.lastClaimWasEmpty = answered
        }
    }

    /// Whether the TaskManager had nothing for this worker when it was last asked.
    var lastClaimWasEmpty: Bool { state.withLock { $0.lastClaimWasEmpty } }

    func tasksLeased(_ count: Int) {
        state.withLock { state in
            state.held += count
            state.lastClaimWasEmpty = false
        }
    }

    func tasksSettled(_ count: Int) {
        state.withLock { $0.held -= count }
        roomChanged.fire()
    }

    /// The outcome of a task that is given back unstarted.
    func notStarted(_ leased: LeasedTask, _ reason: String) -> AttemptOutcome {
        AttemptOutcome(
            leased: leased, result: .failure(TaskFailure(kind: .interrupted, type: "Interrupted", message: reason)),
            record: AttemptRecord(worker: worker.name, number: leased.task.metadata.attempt))
    }

    /// Notes what an outcome says about the worker, and turns it into the report for the TaskManager.
    func report(_ outcome: AttemptOutcome) -> TaskReport {
        noteHealth(outcome)
        return TaskReport(
            taskID: outcome.leased.task.id, lease: outcome.leased.lease,
            outcome: reportedOutcome(outcome), attempt: outcome.record)
    }

    private func reportedOutcome(_ outcome: AttemptOutcome) -> TaskReport.Outcome {
        switch outcome.result {
        case .success(let result): return .succeeded(result)
        case .failure(let failure):
            if failure.kind.sparesTheAttempt {
                // The task did nothing wrong; a worker that cannot start gets its tasks back when it can.
                return .released(reason: failure.message, after: Self.releaseDelay(failure.kind))
            }
            let decision = configuration.retry.decide(
                after: failure, attempt: outcome.leased.task.metadata.attempt, random: .random(in: 0..<1))
            switch decision {
            case .retry(let delay): return .retry(failure, after: delay)
            case .giveUp: return .failed(failure)
            }
        }
    }

    /// A worker that cannot start, or a task that still runs here, is no reason to turn round at full speed.
    private static func releaseDelay(_ kind: TaskFailure.Kind) -> Duration {
        switch kind {
        case .startFailed: .seconds(1)
        case .leaseLost: .seconds(5)
        default: .zero
        }
    }

    private func noteHealth(_ outcome: AttemptOutcome) {
        if case .failure(let failure) = outcome.result, failure.kind == .startFailed {
            let change = state.withLock { $0.breaker.startFailed(failure.message, .now) }
            logger.debug("worker start failed", metadata: ["worker": "\(worker.name)", "reason": "\(failure.message)"])
            if change == .opened {
                healthChanged()
                emit([.hostStateChanged(.workerUnavailable(worker: worker.name, reason: failure.message))])
            }
            return
        }
        guard let startedAt = outcome.record.startedAt else {
            // If this was the probe, it said nothing about the worker: without another one it would wait for ever.
            state.withLock { $0.breaker.probeUnused(.now) }
            return
        }
        let change = state.withLock { state in
            state.ahead.note(startedAt.duration(to: outcome.record.endedAt))
            return state.breaker.started()
        }
        if change == .closed {
            healthChanged()
            emit([.hostStateChanged(.workerRecovered(worker: worker.name))])
        }
    }
}
