#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// One slot of a worker in batch mode: a thread that starts one process after the other, gives each a batch, and stays
/// with it to its end.
final class BatchLane: Sendable {
    private let slot: Int
    private let context: BatchContext
    private let control: PoolLaneControl
    private let events: AttemptEvents

    init(slot: Int, context: BatchContext) throws(SystemError) {
        self.slot = slot
        self.context = context
        control = try PoolLaneControl()
        events = AttemptEvents(services: context.services, worker: context.configuration.name, slot: slot)
        context.queue.joined(slot, control.wake)
    }

    /// Asks for the end of the task under this lease; false if it is not this lane's.
    func stop(taskID: String, leaseToken: String, _ request: StopRequest) -> Bool {
        control.stop(taskID: taskID, leaseToken: leaseToken, request)
    }

    /// Ends whatever runs here.
    func stop(_ request: StopRequest) { control.stop(request) }

    /// The thread's whole life.
    func run() {
        let equipment = OneshotAttempt.Equipment(wake: control.wake)
        defer { equipment.deallocate() }
        let flight = context.services.flightRecorder?.slot()
        let temporary =
            context.launcher.setsOwnTemporaryDirectory
            ? nil : context.services.scratch?.directory(name: "\(context.launcher.id)-\(slot)")
        defer { temporary?.remove() }
        while true {
            switch context.queue.turn(of: slot) {
            case .end: return
            case .wait(let until): wait(until)
            case .serve(let items):
                serve(items, temporary: temporary?.path, equipment, flight)
                temporary?.empty()
            }
        }
    }

    private func wait(_ until: MonotonicTime?) {
        var descriptor = pollfd(fd: control.wake.descriptor, events: Int16(POLLIN), revents: 0)
        // Interrupted calls cannot happen with all signals blocked; any failure just ends in the next look.
        if poll(&descriptor, 1, until.map { $0.pollMilliseconds(from: .now) } ?? -1) > 0 { control.wake.clear() }
    }

    private func serve(
        _ items: [BatchQueue.Item], temporary: String?, _ equipment: OneshotAttempt.Equipment,
        _ flight: FlightRecorder.Slot?
    ) {
        control.add(items.map(\.pending))
        let good = items.filter { item in
            let refusal: AttemptOutcome? =
                if context.standing != nil {
                    context.interrupted(item.pending, "the host stops; the task was not started")
                } else {
                    context.services.mayStart(item.pending.leased) ? nil : context.leaseEnded(item.pending)
                }
            guard let refusal else { return true }
            control.remove(item.pending.leased)
            context.queue.speech { $0.left([item.pending.leased.task.id]) }
            item.pending.sink.attemptEnded(refusal)
            return false
        }
        if good.count > 1 {
            serveTogether(good, temporary: temporary, equipment, flight)
        } else if let item = good.first {
            serveAlone(item, temporary: temporary, equipment, flight)
        }
    }

    private func serveTogether(
        _ items: [BatchQueue.Item], temporary: String?, _ equipment: OneshotAttempt.Equipment,
        _ flight: FlightRecorder.Slot?
    ) {
        context.queue.setOpen(slot, items.count)
        let mark = context.nextMark()
        context.services.setMark(mark, true)
        defer { context.services.setMark(mark, false) }
        do throws(StartError) {
            let child = try context.launcher.start(mark: mark, temporary: temporary, stack: equipment.stack)
            BatchRun(
                child, items, slot: slot, context: context, control: control, scratch: equipment.scratch, flight: flight
            ).run()
        } catch {
            for item in items { control.remove(item.pending.leased) }
            context.queue.setOpen(slot, 0)
            // One is told, so that the breaker sees one failed start; the others have another try.
            let table = OutcomeTable(
                worker: context.configuration.name, limit: TimeLimit(duration: context.configuration.timeout))
            let pending = items[0].pending
            pending.sink.attemptEnded(
                AttemptOutcome(
                    leased: pending.leased, result: table.outcome(said: .nothing, ended: .notStarted(error)),
                    record: context.record(pending, nil)))
            context.giveBack(Array(items.dropFirst()))
        }
    }

    /// A batch of one is a oneshot attempt; only that the reply decides, as in every batch.
    private func serveAlone(
        _ item: BatchQueue.Item, temporary: String?, _ equipment: OneshotAttempt.Equipment,
        _ flight: FlightRecorder.Slot?
    ) {
        let leased = item.pending.leased
        let id = leased.task.id
        context.queue.setOpen(slot, 1)
        flight?.begin(taskID: id, leaseToken: leased.lease.token)
        var attempt = OneshotAttempt(configuration: context.configuration, launcher: context.launcher)
        attempt.replyDecides = true
        var request: StopRequest?
        // Started by the host itself, so there is no template that could have died.
        let (outcome, end, _) = attempt.run(
            leased, temporary: temporary, equipment: equipment, hooks: events.hooks(leased.task)
        ) {
            for new in control.takeRequests() { request = Self.merged(request, new, leased) }
            return request
        }
        // From here on a stop for this task finds nothing: it can never hit the next one.
        control.remove(leased)
        if let end, let pid = outcome.record.pid { events.terminated(pid, end.ended) }
        let isNew = note(id, outcome, end)
        context.queue.setOpen(slot, 0)
        var record = outcome.record
        record.incidents = item.incidents + record.incidents
        item.pending.sink.attemptEnded(AttemptOutcome(leased: leased, result: outcome.result, record: record))
        flight?.end()
        if isNew { context.fallBack() }
    }

    /// What the attempt tells about the task and the worker; whether it is known only now that it serves one a process.
    private func note(_ id: String, _ outcome: AttemptOutcome, _ end: OneshotRun.End?) -> Bool {
        let isAnswered = end?.said.isReply ?? false
        if isAnswered {
            context.queue.answered(id, ran: nil)
        } else if case .failure(let failure) = outcome.result, !failure.kind.sparesTheAttempt {
            context.queue.suspect([id])
        }
        return context.queue.speech { $0.ranAlone(id, answered: isAnswered) }
    }

    private static func merged(
        _ known: StopRequest?, _ new: PoolLaneControl.Request, _ leased: LeasedTask
    ) -> StopRequest? {
        let request: StopRequest
        switch new {
        case .task(leased.task.id, leased.lease.token, let stop): request = stop
        case .task: return known
        case .all(let stop): request = stop
        }
        // The first reason stays; a lease that is lost meanwhile ends the grace.
        return StopRequest(
            reason: known?.reason ?? request.reason, hurry: request.hurry || known?.hurry == true)
    }
}
