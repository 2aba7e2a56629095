import Logging

/// Keeps failed tasks for their next attempt, under the lease that the host holds: for TaskManagers that do not delay
/// retries (``TaskManagerAbilities/delaysRetries``). A task that waits holds no process, no thread and no slot.
///
/// What a worker may have waiting without leasing less for it is bounded (``WorkerProxy/mostWaiting``). The TaskManager
/// hears of the last attempt only; the ones before are incidents of it.
final class RetryDesk: Sendable {
    private struct Entry: Sendable {
        let ended: OutcomeMailbox.Ended
        let next: LeasedTask
    }

    private struct History: Sendable {
        let leaseToken: String
        var incidents: [Incident]
    }

    private let holdings: Holdings
    private let outcomes: OutcomeMailbox
    private let bus: EventBus
    private let attemptEnded: Signal
    private let machine = Guarded(RetryMachine<Entry>())
    private let histories = Guarded<[String: History]>([:])
    private let changed = Signal()
    /// Whether the host repeats tasks; else each failed attempt is reported.
    private let repeats: Bool

    init(holdings: Holdings, outcomes: OutcomeMailbox, bus: EventBus, attemptEnded: Signal, repeats: Bool) {
        self.holdings = holdings
        self.outcomes = outcomes
        self.bus = bus
        self.attemptEnded = attemptEnded
        self.repeats = repeats
    }

    /// How many tasks wait.
    var count: Int { machine.withLock { $0.count } }

    // MARK: What has ended

    /// Keeps the attempts that are to be followed by another one, and returns those that are to be reported.
    /// - Parameter retried: is told how many were kept.
    func take(_ batch: [OutcomeMailbox.Ended], retried: (Int) -> Void) -> [OutcomeMailbox.Ended] {
        var events: [TaskEvent] = []
        var reported: [OutcomeMailbox.Ended] = []
        reported.reserveCapacity(batch.count)
        for ended in batch {
            guard case .failure(let failure) = ended.outcome.result else {
                reported.append(withHistory(ended))
                continue
            }
            if let failure = FixedLease.explained(failure, ended.outcome, ended.proxy.configuration.stopGrace) {
                let outcome = AttemptOutcome(
                    leased: ended.outcome.leased, result: .failure(failure), record: ended.outcome.record)
                reported.append(withHistory(Self.with(outcome, ended)))
                continue
            }
            switch repeats && !ended.isGivenUp ? keep(ended, failure) : .no {
            case .kept(let event): events.append(event)
            case .exhausted(let outcome): reported.append(withHistory(Self.with(outcome, ended)))
            case .no: reported.append(withHistory(ended))
            }
        }
        guard !events.isEmpty else { return reported }
        retried(events.count)
        bus.emit(events)
        attemptEnded.fire()
        changed.fire()
        return reported
    }

    private enum Kept {
        case kept(TaskEvent)
        case exhausted(AttemptOutcome)
        case no
    }

    private func keep(_ ended: OutcomeMailbox.Ended, _ failure: TaskFailure) -> Kept {
        let (outcome, proxy) = (ended.outcome, ended.proxy)
        let leased = outcome.leased
        let policy = proxy.configuration.retry
        let attempt = leased.task.metadata.attempt
        let ranFor = outcome.record.startedAt.map { max(.zero, $0.duration(to: outcome.record.endedAt)) } ?? .zero
        let left = leased.lease.expiresAt.flatMap { _ in leased.task.metadata.deadline }
            .map { Timestamp.now.duration(to: $0) }
        switch HostRetry.decide(
            failure, attempt: attempt, policy: policy, ranFor: ranFor, left: left, random: .random(in: 0..<1))
        {
        case .report: return .no
        case .leaseTooShort(let wait):
            guard machine.withLock({ $0.isOpen }), holdings.mayRetry(leased) else { return .no }
            let final = HostRetry.exhausted(
                failure, attempt: attempt, policy: policy, wait: wait, ranFor: ranFor, left: left ?? .zero)
            return .exhausted(AttemptOutcome(leased: leased, result: .failure(final), record: outcome.record))
        case .wait(let delay):
            let next = leased.nextAttempt
            let due = MonotonicTime.now.advanced(by: delay)
            let isKept = machine.withLock { machine in
                guard holdings.keep(leased, for: next, until: due.advanced(by: proxy.longestHold)) else { return false }
                return machine.wait(
                    leased.task.id, leaseToken: leased.lease.token, until: due, Entry(ended: ended, next: next))
            }
            guard isKept else { return .no }
            proxy.taskWaits()
            proxy.noteHealth(outcome)
            note(failure, attempt, delay, leased, outcome.record)
            return .kept(.retrying(leased.task, failure, outcome.record, after: delay))
        }
    }

    private func note(
        _ failure: TaskFailure, _ attempt: Int, _ delay: Duration, _ leased: LeasedTask, _ record: AttemptRecord
    ) {
        let seconds = (delay.inSeconds * 1000).rounded() / 1000
        let incident = Incident(
            at: record.endedAt, kind: "retried",
            message:
                "attempt \(attempt) failed: \(failure); attempt \(attempt + 1) followed under the same lease after "
                + "\(seconds) s")
        histories.withLock { histories in
            let old = histories[leased.task.id].flatMap { $0.leaseToken == leased.lease.token ? $0.incidents : nil }
            histories[leased.task.id] = History(
                leaseToken: leased.lease.token, incidents: (old ?? []) + record.incidents + [incident])
        }
    }

    /// With what happened at the attempts before, which were not reported by themselves.
    private func withHistory(_ ended: OutcomeMailbox.Ended) -> OutcomeMailbox.Ended {
        let leased = ended.outcome.leased
        let history = histories.withLock { histories -> History? in
            guard histories[leased.task.id]?.leaseToken == leased.lease.token else { return nil }
            return histories.removeValue(forKey: leased.task.id)
        }
        guard let history else { return ended }
        var record = ended.outcome.record
        record.incidents = history.incidents + (ended.isGivenUp ? [] : record.incidents)
        return Self.with(
            AttemptOutcome(leased: leased, result: ended.outcome.result, record: record), ended)
    }

    private static func with(_ outcome: AttemptOutcome, _ ended: OutcomeMailbox.Ended) -> OutcomeMailbox.Ended {
        OutcomeMailbox.Ended(proxy: ended.proxy, outcome: outcome, isGivenUp: ended.isGivenUp)
    }

    // MARK: What is due

    /// Begins the next attempts, each at its time; until cancelled. While nothing waits no timer runs.
    func run() async {
        while !Task.isCancelled {
            guard let next = machine.withLock({ $0.next }) else {
                await changed.wait()
                continue
            }
            if next > .now {
                await changed.wait(until: next)
                continue
            }
            for entry in machine.withLock({ $0.due(.now) }) { begin(entry) }
        }
    }

    private func begin(_ entry: Entry) {
        let proxy = entry.ended.proxy
        proxy.taskWaitsNoMore()
        proxy.worker.dispatch([entry.next], to: outcomes.sink(for: proxy))
        // A request that came before the worker had it found nothing to end there.
        for cancelled in holdings.cancelled(among: [entry.next]) {
            proxy.worker.stop(
                taskID: cancelled.leased.task.id, leaseToken: cancelled.leased.lease.token, reason: .cancelled)
        }
    }

    // MARK: What is given up

    /// A task that waits is not to run again: its last failure is reported.
    func cancel(_ leased: LeasedTask) {
        let entry = machine.withLock { $0.remove(leased.task.id, leaseToken: leased.lease.token) }
        if let entry { giveUp(entry) }
    }

    /// The host stops: the last failures of what waits are reported, and nothing is kept any more.
    func close() {
        for entry in machine.withLock({ $0.close() }) { giveUp(entry) }
    }

    private func giveUp(_ entry: Entry) {
        entry.ended.proxy.taskWaitsNoMore()
        outcomes.send(entry.ended.outcome, from: entry.ended.proxy, isGivenUp: true)
    }
}
