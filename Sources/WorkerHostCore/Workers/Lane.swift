/// One slot of a worker: a thread that starts processes, one after the other, and stays with each to its end.
///
/// The thread lives as long as its processes: the kernel ends a child when the thread that started it ends.
final class Lane: Sendable {
    /// An attempt that waits for a lane.
    struct Pending: Sendable {
        let leased: LeasedTask
        let sink: any AttemptSink
        let queuedAt: MonotonicTime
        /// How often its process could not be started through no fault of its own.
        var moves = 0
    }

    /// As often an attempt waits again; then its start has failed.
    private static let mostMoves = 3

    private struct Current {
        let taskID: String
        let leaseToken: String
        var stop: StopRequest?
    }

    private struct State {
        var current: Current?
        /// A stop of everything, which also holds for an attempt that this lane has taken and not begun yet.
        var standing: StopRequest?
    }

    private let slot: Int
    private let configuration: WorkerConfiguration
    private let launcher: any ProcessStarter
    private let services: LaneServices
    private let events: AttemptEvents
    private let wake: WakeDescriptor
    private let state = Guarded(State())

    init(
        slot: Int, configuration: WorkerConfiguration, launcher: any ProcessStarter, services: LaneServices
    ) throws(SystemError) {
        self.slot = slot
        self.configuration = configuration
        self.launcher = launcher
        self.services = services
        events = AttemptEvents(services: services, worker: configuration.name, slot: slot)
        wake = try WakeDescriptor()
    }

    /// The thread's whole life: takes attempts until the queue is closed.
    func run(_ queue: BlockingQueue<Pending>) {
        let equipment = OneshotAttempt.Equipment(wake: wake)
        defer { equipment.deallocate() }
        let flight = services.flightRecorder?.slot()
        let temporary =
            launcher.setsOwnTemporaryDirectory
            ? nil : services.scratch?.directory(name: "\(launcher.id)-\(slot)")
        while let pending = queue.pop() {
            let task = pending.leased.task
            flight?.begin(taskID: task.id, leaseToken: pending.leased.lease.token)
            state.withLock { state in
                state.current = Current(
                    taskID: task.id, leaseToken: pending.leased.lease.token, stop: state.standing)
                if state.standing != nil { wake.wake() }
            }
            let (outcome, mayMove) = attempt(pending.leased, equipment, temporary: temporary?.path)
            // From here on a stop for this attempt finds nothing: it can never hit the next one.
            let stop = state.withLock { state in
                defer { state.current = nil }
                return state.current?.stop
            }
            wake.clear()
            temporary?.empty()
            if mayMove {
                move(pending, outcome, stop, queue)
                flight?.end()
                continue
            }
            pending.sink.attemptEnded(outcome)
            flight?.end()
        }
        temporary?.remove()
    }

    /// Ends the attempt that runs under this lease; false if it is not this lane's.
    func stop(taskID: String, leaseToken: String, request: StopRequest) -> Bool {
        state.withLock { state in
            guard var running = state.current, running.taskID == taskID, running.leaseToken == leaseToken else {
                return false
            }
            // The first reason stays; a lease that is lost meanwhile ends the grace.
            running.stop = StopRequest(
                reason: running.stop?.reason ?? request.reason, hurry: request.hurry || running.stop?.hurry == true)
            state.current = running
            wake.wake()
            return true
        }
    }

    /// Ends whatever runs here, and what is begun later.
    func stop(_ request: StopRequest) {
        state.withLock { state in
            state.standing = request
            guard var running = state.current else { return }
            running.stop = StopRequest(
                reason: running.stop?.reason ?? request.reason, hurry: request.hurry || running.stop?.hurry == true)
            state.current = running
            wake.wake()
        }
    }

    private func attempt(
        _ leased: LeasedTask, _ equipment: OneshotAttempt.Equipment, temporary: String?
    ) -> (AttemptOutcome, mayMove: Bool) {
        guard services.mayStart(leased) else { return (leaseEnded(leased), false) }
        let (outcome, end, mayMove) = OneshotAttempt(configuration: configuration, launcher: launcher).run(
            leased, temporary: temporary, equipment: equipment, hooks: events.hooks(leased.task)
        ) { self.state.withLock { $0.current?.stop } }
        if let end, let pid = outcome.record.pid {
            events.terminated(pid, end.ended)
        }
        return (outcome, mayMove)
    }

    /// What was not begun waits in front of all others, unless somebody wants its end.
    private func move(
        _ pending: Pending, _ failed: AttemptOutcome, _ stop: StopRequest?, _ queue: BlockingQueue<Pending>
    ) {
        let record = AttemptRecord(worker: configuration.name, number: pending.leased.task.metadata.attempt)
        let outcome: AttemptOutcome
        switch stop?.reason {
        case nil where pending.moves >= Self.mostMoves: outcome = failed
        case nil:
            var moved = pending
            moved.moves += 1
            if queue.putBack(moved) { return launcher.putBack() }
            outcome = .closedUnstarted(pending.leased, worker: configuration.name)
        case .leaseLost: outcome = leaseEnded(pending.leased)
        case .cancelled: outcome = .cancelledUnstarted(pending.leased, worker: configuration.name)
        case .shutdown, .deadline:
            outcome = AttemptOutcome(
                leased: pending.leased,
                result: .failure(
                    TaskFailure(
                        kind: .interrupted, type: "Interrupted",
                        message: "the host stopped before worker '\(configuration.name)' could start the task")),
                record: record)
        }
        pending.sink.attemptEnded(outcome)
    }

    private func leaseEnded(_ leased: LeasedTask) -> AttemptOutcome {
        let failure = TaskFailure(
            kind: .leaseLost, type: "LeaseLost",
            message:
                "the lease ended before worker '\(configuration.name)' could start the task; another host may run it"
        )
        let record = AttemptRecord(worker: configuration.name, number: leased.task.metadata.attempt)
        return AttemptOutcome(leased: leased, result: .failure(failure), record: record)
    }
}
