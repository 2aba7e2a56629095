import Logging

/// Stands between the host and one worker: counts its slots, decides about retries, keeps its breaker, tells the
/// observers.
final class WorkerProxy: Sendable {
    private struct State {
        var held = 0
        /// How many of the tasks held have ended and are not settled yet.
        var finished = 0
        /// How many of the tasks held wait for their next attempt.
        var waiting = 0
        /// The TaskManager does not take reports: nothing more is begun than it knows of.
        var isReportingBroken = false
        var breaker = BreakerMachine()
        var unavailableSince: Timestamp?
        var ahead = LeaseAhead()
        var lastClaimWasEmpty = false
        /// Those of the same name that a reload replaced, as long as they hold tasks.
        var elders: [WorkerProxy]
        var whenEmpty: (@Sendable () -> Void)?
    }

    private static let nextID = Guarded(0)

    /// Tells this proxy from all others of this process.
    let id = nextID.withLock { id in
        id += 1
        return id
    }
    let worker: any DispatchingWorker
    let configuration: WorkerConfiguration
    /// What a task's parameters must satisfy.
    let schema: ParameterSchema?
    /// Whether the TaskManager decides about retries, and so hears of each failure.
    let reportsEachFailure: Bool
    private let logger: Logger
    private let emit: @Sendable ([TaskEvent]) -> Void
    private let state: Guarded<State>
    /// Fires when ``room()`` may have changed; one for all proxies of a name, of which only the last one leases.
    let roomChanged: Signal
    /// Fires when the breaker opens or closes: other workers take over, or hand back.
    private let healthChanged: @Sendable () -> Void

    /// - Parameter elders: those that this one replaces and that still hold tasks, the oldest first.
    init(
        worker: any DispatchingWorker, configuration: WorkerConfiguration, schema: ParameterSchema?,
        elders: [WorkerProxy] = [], reportsEachFailure: Bool = false, logger: Logger,
        emit: @escaping @Sendable ([TaskEvent]) -> Void, healthChanged: @escaping @Sendable () -> Void
    ) {
        state = Guarded(State(elders: elders))
        roomChanged = elders.last?.roomChanged ?? Signal()
        self.worker = worker
        self.configuration = configuration
        self.schema = schema
        self.reportsEachFailure = reportsEachFailure
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

    /// What a person is told about it.
    var status: WorkerStatus {
        let now = MonotonicTime.now
        return state.withLock { state in
            var status = WorkerStatus(name: worker.name, tasksHeld: state.held, isLeaving: state.whenEmpty != nil)
            if !state.breaker.isClosed {
                status.trouble = WorkerStatus.Trouble(
                    reason: state.breaker.lastReason, since: state.unavailableSince ?? .now,
                    failedProbes: state.breaker.failedProbes,
                    nextProbe: state.breaker.nextProbe.map { Timestamp.now.advanced(by: now.duration(to: $0)) })
            }
            return status
        }
    }

    /// The longest that a task may be held once it is leased: leased ahead, run, ended by force. In a batch it may run
    /// after all others, and once more alone.
    var longestHold: Duration {
        let base = configuration.stopGrace + .seconds(30)
        guard configuration.mode == .batch else { return base + configuration.timeout }
        return base + configuration.batch.linger + configuration.timeout * (configuration.batch.size + 1)
    }

    /// How many tasks may be leased now, and when to ask again if none may.
    ///
    /// What the proxies that this one replaces still run takes its slots: a reload never makes more processes of a
    /// worker than its concurrency.
    func room() -> (count: Int, askAgain: MonotonicTime?) {
        let now = MonotonicTime.now
        let heldByElders = heldByElders
        return state.withLock { state in
            let free = free(state, heldByElders: heldByElders)
            guard free > 0 else { return (0, nil) }
            let allowed = state.breaker.allowance(free, now)
            return (allowed, allowed == 0 ? state.breaker.nextProbe : nil)
        }
    }

    /// A task that has ended takes no slot while its report is on its way, as long as not too many wait for theirs.
    private func free(_ state: State, heldByElders: Int) -> Int {
        let slots = worker.concurrency
        let perSlot = worker.tasksPerSlot
        // Where a process is given many, what is leased ahead is one such share of each at most.
        let most = perSlot > 1 ? configuration.concurrency * perSlot : .max
        let depth = heldByElders > 0 ? 0 : min(most, state.ahead.depth(slots: slots))
        let held = state.held - min(state.waiting, mostWaiting)
        let running = held - (state.isReportingBroken ? 0 : state.finished) + heldByElders * perSlot
        let free = min(slots + depth - running, 2 * (slots + depth) - held)
        // As long as the slots have something to go on with, the queue is asked for many at once or not at all.
        return free > 0 && (running < slots || free >= depth / 2) ? free : 0
    }

    /// So many tasks may wait for their next attempt beside what the slots run; more of them take the places of tasks
    /// that would be leased.
    var mostWaiting: Int { max(16, 4 * worker.concurrency) }

    /// How many tasks are held.
    var held: Int { state.withLock { $0.held } }

    /// How many of them are more than waiting for their next attempt.
    private var busy: Int { state.withLock { $0.held - $0.waiting } }

    private var heldByElders: Int {
        let elders = state.withLock { $0.elders }
        guard !elders.isEmpty else { return 0 }
        // They lease no more, so one that holds nothing never will again.
        let busy = elders.filter { $0.held > 0 }
        state.withLock { $0.elders = busy }
        return busy.reduce(0) { $0 + $1.busy }
    }

    /// A reload has taken this worker out of use: nothing more is leased for it.
    /// - Parameter whenEmpty: called when the last task has been settled.
    func leave(whenEmpty: @escaping @Sendable () -> Void) {
        state.withLock { $0.whenEmpty = whenEmpty }
    }

    /// How many more tasks may end before the reports of those that have ended must be on their way, so that no slot is
    /// without work meanwhile: half of what is held beyond one task a slot.
    var mayWait: Int { state.withLock { max(0, $0.held - $0.finished - $0.waiting - worker.concurrency) / 2 } }

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

    /// Attempts have ended; their outcomes are to be reported.
    func tasksFinished(_ count: Int) {
        let hasRoom = state.withLock { state in
            state.finished += count
            return free(state, heldByElders: 0) > 0
        }
        if hasRoom { roomChanged.fire() }
    }

    /// A task that has ended is kept for its next attempt.
    func taskWaits() {
        state.withLock { state in
            state.finished -= 1
            state.waiting += 1
        }
        roomChanged.fire()
    }

    /// Its time has come, or none follows.
    func taskWaitsNoMore() { state.withLock { $0.waiting -= 1 } }

    /// The TaskManager has not taken reports, or takes them again.
    func reporting(isBroken: Bool) { state.withLock { $0.isReportingBroken = isBroken } }

    /// Outcomes are settled.
    /// - Parameter held: how many of them were of tasks that are not held any more now.
    func tasksSettled(_ count: Int, held: Int) {
        let whenEmpty = state.withLock { state in
            state.finished -= count
            state.held -= held
            return state.held == 0 ? state.whenEmpty : nil
        }
        roomChanged.fire()
        whenEmpty?()
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
        let reported: TaskReport.Outcome
        if case .success(let result) = outcome.result {
            reported = .succeeded(result)
        } else {
            var policy = configuration.retry
            if reportsEachFailure { policy.maxAttempts = .max }
            reported = TaskReport.Outcome(of: outcome, retry: policy, random: .random(in: 0..<1))
        }
        return TaskReport(
            taskID: outcome.leased.task.id, lease: outcome.leased.lease, outcome: reported, attempt: outcome.record)
    }

    /// Notes what an outcome says about the worker.
    func noteHealth(_ outcome: AttemptOutcome) {
        if case .failure(let failure) = outcome.result, failure.kind == .startFailed {
            let now = MonotonicTime.now
            let (change, probe) = state.withLock { state in
                let failed = state.breaker.failedProbes
                let change = state.breaker.startFailed(failure.message, now)
                if change == .opened { state.unavailableSince = .now }
                return (change, state.breaker.failedProbes > failed ? state.breaker : nil)
            }
            logger.debug("worker start failed", metadata: ["worker": "\(worker.name)", "reason": "\(failure.message)"])
            if change == .opened {
                healthChanged()
                emit([.hostStateChanged(.workerUnavailable(worker: worker.name, reason: failure.message))])
            } else if let probe {
                emit([
                    .hostStateChanged(
                        .workerProbeFailed(
                            worker: worker.name, reason: failure.message, failedProbes: probe.failedProbes,
                            nextProbeAfter: probe.nextProbe.map { now.duration(to: $0) } ?? .zero))
                ])
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
