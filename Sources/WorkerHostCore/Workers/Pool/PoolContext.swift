/// What the lanes of one pool need.
final class PoolContext: Sendable {
    let configuration: WorkerConfiguration
    let settings: PoolSettings
    let services: LaneServices
    let members: PoolMembers
    let spinGate = ShortSpin.Gate()
    let speaks: WorkerSpeech
    /// Starts members.
    let start: @Sendable ([Int]) -> Void

    init(
        _ configuration: WorkerConfiguration, services: LaneServices, speaks: WorkerSpeech,
        start: @escaping @Sendable ([Int]) -> Void
    ) {
        self.configuration = configuration
        self.services = services
        self.speaks = speaks
        self.start = start
        settings = configuration.pool
        members = PoolMembers(settings, most: settings.max ?? configuration.concurrency)
    }

    func record(_ pending: Lane.Pending, _ pid: Int32?) -> AttemptRecord {
        AttemptRecord(worker: configuration.name, number: pending.leased.task.metadata.attempt, pid: pid)
    }

    var leaseEnded: TaskFailure {
        TaskFailure(
            kind: .leaseLost, message: "the lease had ended before the task could be started; somebody else may run it")
    }

    /// Tasks that a process was given and did not begin go to another one, in front of all others.
    func giveBack(_ tasks: [Lane.Pending]) {
        guard !tasks.isEmpty else { return }
        if let oneshot = speaks.oneshot {
            for pending in tasks { oneshot.dispatch([pending.leased], to: pending.sink) }
            return
        }
        guard let consequences = members.add(tasks, inFront: true) else {
            for pending in tasks { pending.sink.attemptEnded(closed(pending)) }
            return
        }
        consequences.wakeAll()
        start(consequences.start)
    }

    func closed(_ pending: Lane.Pending) -> AttemptOutcome {
        let failure = TaskFailure(kind: .interrupted, message: "worker '\(configuration.name)' was closed")
        return AttemptOutcome(leased: pending.leased, result: .failure(failure), record: record(pending, nil))
    }

    /// A process could not be started, or ended before it was ready: one of the tasks that wait is told, so that the
    /// breaker sees it; without any nobody is.
    func startFailed(_ reason: String, _ standardError: String?) {
        guard let pending = members.takeOne() else { return }
        var failure = TaskFailure(
            kind: .startFailed, type: "StartFailed",
            message: "cannot start a process of the pool of worker '\(configuration.name)': \(reason)"
                + (LastWords.lastLine(of: standardError).map { "; its last line on standard error: \($0)" } ?? ""))
        failure.standardErrorTail = standardError
        pending.sink.attemptEnded(
            AttemptOutcome(leased: pending.leased, result: .failure(failure), record: record(pending, nil)))
    }
}
