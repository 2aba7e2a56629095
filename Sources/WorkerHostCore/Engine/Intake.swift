import Logging

/// Asks the TaskManager for tasks of one worker, as many as the worker can start soon, and hands them on.
struct Intake: Sendable {
    let proxy: WorkerProxy
    let taskManager: any TaskManagerAdapter
    let holdings: Holdings
    let outcomes: OutcomeMailbox
    let contact: TaskManagerContact
    let bus: EventBus
    let logger: Logger

    /// Runs until the task is cancelled.
    /// - Parameter selectors: the types to ask for.
    func run(selectors: [String]) async {
        guard !selectors.isEmpty else { return }
        var failures = 0
        while !Task.isCancelled {
            let (count, askAgain) = proxy.room()
            guard count > 0 else {
                if let askAgain {
                    await proxy.roomChanged.wait(until: askAgain)
                } else {
                    await proxy.roomChanged.wait()
                }
                continue
            }
            do {
                let leased = try await taskManager.receiveTasks(limit: count, types: selectors)
                failures = 0
                contact.succeeded()
                if leased.isEmpty { proxy.claimCameBackEmpty(answered: !Task.isCancelled) } else { accept(leased) }
            } catch {
                proxy.claimCameBackEmpty(answered: false)
                if Task.isCancelled { return }
                failures += 1
                contact.failed("\(error)")
                let delay = Backoff.exponentialJitter(initial: .milliseconds(200), cap: .seconds(10))
                    .delay(afterAttempt: failures, random: .random(in: 0.5..<1))
                // Only cancellation ends the sleep early, and the loop looks at that.
                do { try await Task.sleep(for: delay) } catch { return }
            }
        }
    }

    /// Takes leased tasks into the books and gives those that can run to the worker.
    private func accept(_ leased: [LeasedTask]) {
        // First, so that no outcome is told before it.
        if bus.wants(.taskSteps) { bus.emit(leased.map { .received($0.task) }) }
        let now = MonotonicTime.now
        let limit = now.advanced(by: proxy.longestHold)
        // Asked once a batch: the leases of a TaskManager are all of one kind.
        let isFixed = taskManager.leaseDuration == nil
        var runnable: [LeasedTask] = []
        runnable.reserveCapacity(leased.count)
        for entry in leased {
            if isFixed, let lastMoment = lastMoment(of: entry) {
                accept(entry, until: lastMoment, limit, &runnable)
                continue
            }
            if holdings.holds(entry.task.id) {
                giveBackSecondLease(entry)
            } else {
                holdings.add(
                    LeaseBook.Entry(
                        leased: entry, proxy: proxy.id, extendUntil: limit,
                        validUntil: entry.lease.expiresAt.map { now.advanced(by: Timestamp.now.duration(to: $0)) }))
                take(entry, &runnable)
            }
        }
        guard !runnable.isEmpty else { return }
        proxy.worker.dispatch(runnable, to: outcomes.sink(for: proxy))
        // A request that came before the worker had them found nothing to end there.
        for entry in holdings.cancelled(among: runnable) {
            proxy.worker.stop(
                taskID: entry.leased.task.id, leaseToken: entry.leased.lease.token, reason: .cancelled)
        }
    }

    private func take(_ entry: LeasedTask, _ runnable: inout [LeasedTask]) {
        proxy.tasksLeased(1)
        if let failure = TaskCheck.failure(of: entry, proxy) {
            let record = AttemptRecord(worker: proxy.worker.name, number: entry.task.metadata.attempt)
            outcomes.send(AttemptOutcome(leased: entry, result: .failure(failure), record: record), from: proxy)
        } else {
            runnable.append(entry)
        }
    }

    /// When the last attempt must be told to end; nil for a lease without an end.
    private func lastMoment(of entry: LeasedTask) -> Timestamp? {
        FixedLease.lastMoment(of: entry.lease, grace: proxy.configuration.stopGrace, from: .now)
    }

    /// Takes a task whose lease ends at a certain time and cannot be extended.
    private func accept(
        _ entry: LeasedTask, until lastMoment: Timestamp, _ limit: MonotonicTime, _ runnable: inout [LeasedTask]
    ) {
        guard !holdings.holds(entry.task.id) else { return giveBackSecondLease(entry) }
        let (now, time) = (MonotonicTime.now, Timestamp.now)
        let left = time.duration(to: lastMoment)
        let bounded = FixedLease.bounded(entry, by: lastMoment)
        holdings.add(
            LeaseBook.Entry(
                leased: bounded, proxy: proxy.id, extendUntil: limit,
                validUntil: entry.lease.expiresAt.map { now.advanced(by: time.duration(to: $0)) },
                startUntil: now.advanced(by: left)))
        guard left <= .zero else { return take(bounded, &runnable) }
        proxy.tasksLeased(1)
        logger.error(
            "a task was leased for less time than its worker needs to be stopped; it is not started",
            metadata: [
                "task": "\(entry.task.id)", "worker": "\(proxy.worker.name)",
                "stop_grace_seconds": "\(proxy.configuration.stopGrace.inSeconds)",
                "advice": "raise task_manager.claim_timeout, or lower the worker's stop_grace",
            ])
        let failure = TaskFailure(
            kind: .leaseLost, type: "LeaseTooShort",
            message:
                "its lease ends at \(entry.lease.expiresAt.map { "\($0)" } ?? "once"), too soon for a run of worker "
                + "'\(proxy.worker.name)' and its stop_grace: raise task_manager.claim_timeout")
        let record = AttemptRecord(worker: proxy.worker.name, number: entry.task.metadata.attempt)
        outcomes.send(AttemptOutcome(leased: bounded, result: .failure(failure), record: record), from: proxy)
    }

    /// The TaskManager handed out a task that still runs here: its first lease was lost, and the attempt under it will
    /// find that out. Until then the task must not run twice side by side.
    private func giveBackSecondLease(_ entry: LeasedTask) {
        logger.warning("a task that still runs here was leased a second time", metadata: ["task": "\(entry.task.id)"])
        let failure = TaskFailure(
            kind: .leaseLost, type: "LeaseLost",
            message: "the task still runs here under an earlier lease, which decides")
        let record = AttemptRecord(worker: proxy.worker.name, number: entry.task.metadata.attempt)
        outcomes.send(AttemptOutcome(leased: entry, result: .failure(failure), record: record), from: proxy)
    }
}
