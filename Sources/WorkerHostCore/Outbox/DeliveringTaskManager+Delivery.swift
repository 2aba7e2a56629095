import Logging

extension DeliveringTaskManager {
    /// Stores outcomes durably, in one transaction; they are accepted by that. Their delivery follows.
    ///
    /// If the outbox cannot be written, the TaskManager itself is asked.
    /// - Throws: when neither took the reports; the host repeats them.
    public func complete(_ reports: [TaskReport]) async throws -> [Acknowledgement] {
        guard !reports.isEmpty else { return [] }
        let types = state.withLock { state in reports.map { state.types[$0.taskID] ?? "" } }
        let outcomes = zip(reports, types).map { report, type in
            var isRemembered = false
            // What only this configuration cannot run may run after a change of it.
            if remembers, case .failed(let failure) = report.outcome { isRemembered = failure.kind != .noWorker }
            return OutboxOutcome(report: report, taskType: type, isRemembered: isRemembered)
        }
        let ids: [Int64]
        do {
            ids = try await outbox.store(outcomes)
        } catch {
            return try await report(reports, besides: error)
        }
        let (now, time) = (MonotonicTime.now, Timestamp.now)
        machine.withLock { machine in
            for (id, report) in zip(ids, reports) {
                machine.add(OutboxEntry(id: id, report: report, storedAt: time), report: report, now: now)
            }
            machine.count { $0.stored += reports.count }
        }
        forget(reports)
        changed.fire()
        if state.withLock({ $0.hasToldOfStorage }) {
            state.withLock { $0.hasToldOfStorage = false }
            logger.notice("the outbox can be written again")
        }
        return Array(repeating: .accepted, count: reports.count)
    }

    /// The outbox cannot be written: what the TaskManager itself takes is safe as well.
    private func report(_ reports: [TaskReport], besides error: any Error) async throws -> [Acknowledgement] {
        let isNew = state.withLock { state in
            defer { state.hasToldOfStorage = true }
            return !state.hasToldOfStorage
        }
        if isNew {
            logger.error(
                "the outbox cannot be written; outcomes go straight to the TaskManager", metadata: ["error": "\(error)"]
            )
        }
        let answers: [Acknowledgement]
        do {
            answers = try await base.complete(reports)
        } catch let other {
            throw DeliveryError(storage: "\(error)", taskManager: "\(other)")
        }
        machine.withLock { $0.count { $0.unstored += reports.count } }
        forget(zip(reports, answers).compactMap { if case .later = $1 { nil } else { $0 } })
        return answers
    }

    private func forget(_ reports: [TaskReport]) {
        state.withLock { state in
            for report in reports { state.types[report.taskID] = nil }
        }
    }

    // MARK: The loop

    /// Takes over what hosts left behind that have died.
    func adopt() async throws {
        let entries = try await outbox.adopt()
        let rejected = try await outbox.rejectedCount()
        let (now, time) = (MonotonicTime.now, Timestamp.now)
        machine.withLock { machine in
            for entry in entries { machine.add(entry, wait: entry.nextTry.map { time.duration(to: $0) }, now: now) }
            machine.count {
                $0.adopted += entries.count
                $0.rejected = rejected
            }
        }
        guard !entries.isEmpty else { return }
        logger.notice("outcomes of an earlier run wait to be delivered", metadata: ["count": "\(entries.count)"])
    }

    /// Delivers until the host stops; ``state`` owns the task that runs this.
    func deliver() async {
        var (nextAdoption, nextLook) = (
            MonotonicTime.now.advanced(by: DeliveryOptions.adoptionInterval), MonotonicTime.now
        )
        await withDiscardingTaskGroup { group in
            while !Task.isCancelled {
                let now = MonotonicTime.now
                while let batch = machine.withLock({ $0.next(.now) }) {
                    group.addTask { await self.deliver(batch) }
                }
                if let flushUntil = state.withLock({ $0.flushUntil }) {
                    if now >= flushUntil || isFlushed(until: flushUntil) { break }
                    await wait(until: flushUntil)
                    continue
                }
                if now >= nextAdoption {
                    nextAdoption = now.advanced(by: DeliveryOptions.adoptionInterval)
                    await trying("take over what a dead host left") { try await self.adopt() }
                }
                let hasEntries = machine.withLock { !$0.isEmpty || $0.counters.rejected > 0 }
                if hasEntries, now >= nextLook {
                    let isIdle = machine.withLock { $0.isEmpty }
                    nextLook = now.advanced(by: DeliveryOptions.editInterval * (isIdle ? 5 : 1))
                    await trying("look for changes") { try await self.lookForEdits() }
                }
                await wait(until: hasEntries ? min(nextAdoption, nextLook) : nextAdoption)
            }
            group.cancelAll()
        }
    }

    private func wait(until limit: MonotonicTime) async {
        // What is on its way comes back, and fires; without a timer for each batch.
        if machine.withLock({ $0.waitsForAnswer }), state.withLock({ $0.flushUntil == nil }) {
            return await changed.wait()
        }
        let wake = machine.withLock { $0.wake } ?? limit
        await changed.wait(until: min(limit, max(wake, .now.advanced(by: .milliseconds(1)))))
    }

    /// Whether a host that stops need not wait: all is delivered, or nothing more can be in time.
    private func isFlushed(until limit: MonotonicTime) -> Bool {
        machine.withLock { machine in
            if machine.isEmpty { return true }
            guard !machine.isBusy else { return false }
            return machine.failures >= 3 || (machine.wake ?? .now) >= limit
        }
    }

    private func trying(_ what: String, _ work: () async throws -> Void) async {
        do {
            try await work()
        } catch {
            logger.warning("the outbox cannot \(what); tried again", metadata: ["error": "\(error)"])
        }
    }

    private func lookForEdits() async throws {
        let known = machine.withLock { $0.ids }
        guard let entries = try await outbox.entriesIfEdited() else { return }
        let rejected = try await outbox.rejectedCount()
        machine.withLock { machine in
            machine.sync(entries, known: known, now: .now)
            machine.count { $0.rejected = rejected }
        }
    }

    // MARK: One batch

    private func deliver(_ batch: [DeliveryMachine.Item]) async {
        let settlements: [OutboxSettlement]
        do {
            let reports = try await reports(of: batch)
            let there = batch.filter { reports[$0.id] != nil }
            let answers = there.isEmpty ? [] : try await base.complete(there.compactMap { reports[$0.id] })
            // Before the machine forgets them; the row is deleted after that.
            state.withLock { $0.settling.formUnion(batch.map(\.id)) }
            settlements = machine.withLock { machine in
                // Somebody has taken them out of the outbox meanwhile.
                for item in batch where reports[item.id] == nil { machine.drop(item.id) }
                return machine.answered(
                    there, answers, now: .now, wallClock: .now, random: .random(in: 0.5..<1))
            }
        } catch {
            settlements = machine.withLock {
                $0.unanswered(batch, error: "\(error)", now: .now, wallClock: .now, random: .random(in: 0.5..<1))
            }
        }
        tellOfTrouble()
        if !settlements.isEmpty { await note(settlements) }
        state.withLock { $0.settling.subtract(batch.map(\.id)) }
        changed.fire()
    }

    private func reports(of batch: [DeliveryMachine.Item]) async throws -> [Int64: TaskReport] {
        let missing = batch.filter { $0.cached == nil }.map(\.id)
        var reports = missing.isEmpty ? [:] : try await outbox.reports(of: missing)
        for item in batch {
            guard let report = item.cached ?? reports[item.id] else { continue }
            var outcome = report.outcome
            if case .retry(let failure, let delay) = outcome {
                // The wait has begun when the attempt ended.
                outcome = .retry(failure, after: max(.zero, delay - item.storedAt.duration(to: .now)))
            }
            reports[item.id] = TaskReport(
                taskID: report.taskID, lease: item.lease, outcome: outcome, attempt: report.attempt)
        }
        return reports
    }

    /// Says once that nothing is delivered, and once that it is again.
    private func tellOfTrouble() {
        let trouble = machine.withLock { $0.trouble }
        let (contact, isNew) = state.withLock { state in
            defer { state.hasToldOfTrouble = trouble != nil }
            return (state.contact, (trouble != nil) != state.hasToldOfTrouble)
        }
        guard isNew else { return }
        if let trouble {
            contact?.failed("outcomes cannot be delivered and are kept: \(trouble)", .delivery)
        } else {
            contact?.succeeded(.delivery)
        }
    }

    /// Writes what became of entries into the outbox; what cannot be written is written with the next ones.
    func note(_ settlements: [OutboxSettlement]) async {
        let all = state.withLock { state in
            defer { state.unwritten = [] }
            return state.unwritten + settlements.map(completed)
        }
        do {
            try await outbox.settle(all)
        } catch {
            let isNew = state.withLock { state in
                defer { state.unwritten = all + state.unwritten }
                return state.unwritten.isEmpty
            }
            guard isNew else { return }
            logger.error(
                "the outbox cannot be written; what was delivered may be delivered again by the next host",
                metadata: ["error": "\(error)"])
        }
        for case .rejected(let id, let reason, _) in settlements {
            logger.error(
                "the TaskManager refused an outcome for good; it is kept in the outbox",
                metadata: ["entry": "\(id)", "reason": "\(reason)"])
        }
    }

    /// With the failure that a task whose outcome was refused gets when it is handed out again.
    private func completed(_ settlement: OutboxSettlement) -> OutboxSettlement {
        guard remembers, case .rejected(let id, let reason, nil) = settlement else { return settlement }
        let failure = TaskFailure(
            kind: .permanent, type: "OutcomeRefused",
            message: "the task was run, but the TaskManager refused its outcome: \(reason). The host keeps it: "
                + "'workerhost outbox show \(id)'")
        return .rejected(id: id, reason: reason, remembered: failure)
    }
}

/// Neither the outbox nor the TaskManager took an outcome.
struct DeliveryError: Error, CustomStringConvertible {
    let storage: String
    let taskManager: String

    var description: String { "\(storage) And the TaskManager did not take the outcome either: \(taskManager)" }
}

extension OutboxEntry {
    init(id: Int64, report: TaskReport, storedAt: Timestamp) {
        self.init(
            id: id, taskID: report.taskID, lease: report.lease, outcome: Outcome(report.outcome),
            size: report.storedSize, storedAt: storedAt)
    }
}

extension TaskReport {
    /// The bytes that the report takes in an outbox, about.
    public var storedSize: Int {
        let fixed = 200
        switch outcome {
        case .succeeded(let result): return fixed + result.value.bytes.count + (result.logs?.bytes.count ?? 0)
        case .failed(let failure), .retry(let failure, _):
            return fixed + failure.message.utf8.count + (failure.traceback?.utf8.count ?? 0)
                + (failure.standardErrorTail?.utf8.count ?? 0)
        case .released(let reason, _): return fixed + reason.utf8.count
        }
    }
}
