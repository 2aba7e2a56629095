/// What the lanes of one worker need.
final class BatchContext: Sendable {
    let configuration: WorkerConfiguration
    let launcher: Launcher
    let services: LaneServices
    let queue: BatchQueue
    /// Carries out what follows from a change of the queue.
    let follow: @Sendable (BatchQueue.Consequences) -> Void
    /// The worker has turned out to serve one task a process.
    let fallBack: @Sendable () -> Void
    private let state = Guarded(State())

    private struct State {
        var standing: StopRequest?
        var oneshot: SubprocessWorker?
        var batches = 0
    }

    init(
        _ configuration: WorkerConfiguration, launcher: Launcher, services: LaneServices, queue: BatchQueue,
        follow: @escaping @Sendable (BatchQueue.Consequences) -> Void, fallBack: @escaping @Sendable () -> Void
    ) {
        self.configuration = configuration
        self.launcher = launcher
        self.services = services
        self.queue = queue
        self.follow = follow
        self.fallBack = fallBack
    }

    /// A stop of everything, which also holds for what would be started later.
    var standing: StopRequest? {
        get { state.withLock { $0.standing } }
        set { state.withLock { $0.standing = newValue } }
    }

    /// Takes all tasks once it turned out that the worker serves one task a process.
    var oneshot: SubprocessWorker? {
        get { state.withLock { $0.oneshot } }
        set { state.withLock { $0.oneshot = newValue } }
    }

    /// Marks the processes of one batch.
    func nextMark() -> String {
        let number = state.withLock { state in
            state.batches += 1
            return state.batches
        }
        return "batch/\(launcher.id)-\(number)"
    }

    /// Tasks that a process had and did not answer wait again, in front of all others, their attempt unspent.
    func giveBack(_ items: [BatchQueue.Item]) {
        guard !items.isEmpty else { return }
        guard oneshot == nil, let consequences = queue.giveBack(items) else { return moveOn(items.map(\.pending)) }
        follow(consequences)
        // It may have turned out meanwhile.
        if oneshot != nil { moveOn(queue.takeAll()) }
    }

    /// Hands tasks to the worker that takes them in place of this one; without one they end here.
    func moveOn(_ tasks: [Lane.Pending]) {
        for pending in tasks {
            // One that is made only now has not heard of a stop.
            if standing == nil, let oneshot {
                oneshot.dispatch([pending.leased], to: pending.sink)
            } else {
                pending.sink.attemptEnded(interrupted(pending, "worker '\(configuration.name)' was closed"))
            }
        }
    }

    func interrupted(_ pending: Lane.Pending, _ message: String) -> AttemptOutcome {
        AttemptOutcome(
            leased: pending.leased,
            result: .failure(TaskFailure(kind: .interrupted, type: "Interrupted", message: message)),
            record: record(pending, nil))
    }

    func leaseEnded(_ pending: Lane.Pending) -> AttemptOutcome {
        let failure = TaskFailure(
            kind: .leaseLost, type: "LeaseLost",
            message:
                "the lease ended before worker '\(configuration.name)' could start the task; another host may run it")
        return AttemptOutcome(leased: pending.leased, result: .failure(failure), record: record(pending, nil))
    }

    func record(_ pending: Lane.Pending, _ pid: Int32?) -> AttemptRecord {
        AttemptRecord(worker: configuration.name, number: pending.leased.task.metadata.attempt, pid: pid)
    }
}
