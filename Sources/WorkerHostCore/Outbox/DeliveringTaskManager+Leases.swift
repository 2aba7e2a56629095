import Logging

extension DeliveringTaskManager {
    /// How long one call waits for the outbox to drain before it answers "none now".
    private static let fullWait = Duration.seconds(5)

    /// Leases tasks; those whose outcome is known already are settled and left out.
    public func receiveTasks(limit: Int, types: [String]) async throws -> [LeasedTask] {
        guard await hasRoom() else { return [] }
        while true {
            let claim = machine.withLock { $0.claimBegins() }
            let leased: [LeasedTask]
            do {
                leased = try await base.receiveTasks(limit: limit, types: types)
            } catch {
                await end(claim)
                throw error
            }
            let tasks = leased.isEmpty ? [] : await runnable(leased)
            await end(claim)
            // When all were settled, that was no answer to what was asked.
            if leased.isEmpty || !tasks.isEmpty || Task.isCancelled { return tasks }
        }
    }

    private func end(_ claim: Int) async {
        let settlements = machine.withLock { $0.claimEnds(claim) }
        if !settlements.isEmpty { await note(settlements) }
        changed.fire()
    }

    /// Whether more may be leased; waits a while for it.
    private func hasRoom() async -> Bool {
        let end = MonotonicTime.now.advanced(by: Self.fullWait)
        while machine.withLock({ $0.checkFull() }) {
            tellOfFullness()
            guard MonotonicTime.now < end else { return false }
            // Only cancellation ends the sleep early: the claim is not wanted any more.
            do { try await Task.sleep(for: .milliseconds(50)) } catch { return false }
        }
        let wasFull = state.withLock { state in
            defer { state.hasToldOfFullness = false }
            return state.hasToldOfFullness
        }
        if wasFull { logger.notice("the outbox has drained; tasks are leased again") }
        return true
    }

    private func tellOfFullness() {
        let isNew = state.withLock { state in
            defer { state.hasToldOfFullness = true }
            return !state.hasToldOfFullness
        }
        guard isNew else { return }
        let counters = machine.withLock { $0.counters }
        logger.error(
            "too many outcomes wait for the TaskManager; no tasks are leased until there are fewer",
            metadata: ["undelivered": "\(counters.undelivered)", "bytes": "\(counters.undeliveredBytes)"])
    }

    /// Those of the tasks that are to be run.
    private func runnable(_ leased: [LeasedTask]) async -> [LeasedTask] {
        let findings: OutboxFindings
        do {
            findings = try await outbox.findings(about: leased.map(\.task.id))
        } catch {
            // They are run: better twice than not at all.
            logger.error("the outbox cannot be asked about leased tasks", metadata: ["error": "\(error)"])
            findings = OutboxFindings()
        }
        var runnable: [LeasedTask] = []
        runnable.reserveCapacity(leased.count)
        for entry in leased {
            if let undelivered = findings.undelivered[entry.task.id], await isSettled(entry, by: undelivered) {
                continue
            }
            if remembers, let failure = findings.failures[entry.task.id] {
                await fail(entry, failure)
                continue
            }
            runnable.append(entry)
        }
        state.withLock { state in
            for entry in runnable { state.types[entry.task.id] = entry.task.type }
        }
        return runnable
    }

    /// Delivers a kept outcome under the new lease, or drops one that wanted another run.
    /// - Returns: whether the task is over with it.
    private func isSettled(_ leased: LeasedTask, by entry: OutboxEntry) async -> Bool {
        // The TaskManager has just taken it: the lease is for another run, and the row is about to go.
        if !machine.withLock({ $0.holds(entry.id) }), state.withLock({ $0.settling.contains(entry.id) }) {
            return false
        }
        guard entry.outcome.isFinal else {
            machine.withLock { $0.drop(entry.id) }
            await note([.gone(id: entry.id)])
            return false
        }
        do {
            // Settled at this moment: the TaskManager has handed the task out all the same, so it is run.
            guard let entry = try await outbox.rebind(entry.id, to: leased.lease) else { return false }
            machine.withLock { $0.rebind(entry, to: leased.lease, now: .now) }
            changed.fire()
            logger.notice(
                "a task was leased anew while its outcome waits to be delivered: it is not run again",
                metadata: ["task": "\(leased.task.id)", "type": "\(leased.task.type)"])
            return true
        } catch {
            logger.error(
                "an outcome cannot be put under the new lease of its task, which is run again",
                metadata: ["task": "\(leased.task.id)", "error": "\(error)"])
            return false
        }
    }

    private func fail(_ leased: LeasedTask, _ failure: TaskFailure) async {
        machine.withLock { $0.count { $0.failedFromMemory += 1 } }
        logger.warning(
            "a task that had failed for good was handed out again; it fails again without being run",
            metadata: ["task": "\(leased.task.id)", "type": "\(leased.task.type)", "error": "\(failure)"])
        let report = TaskReport(
            taskID: leased.task.id, lease: leased.lease, outcome: .failed(failure),
            attempt: AttemptRecord(worker: "", number: leased.task.metadata.attempt))
        state.withLock { $0.types[leased.task.id] = leased.task.type }
        do {
            _ = try await complete([report])
        } catch {
            // Its lease ends, it comes again, and is failed then.
            logger.error(
                "a failure cannot be reported again", metadata: ["task": "\(leased.task.id)", "error": "\(error)"])
        }
    }
}
