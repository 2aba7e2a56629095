#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// Drives one process with several tasks on the calling thread: feeds it one task after the other, takes replies as they
/// come, keeps the deadlines.
///
/// All decisions are ``BatchMachine``'s, ``BatchSpeech``'s and ``OutcomeTable``'s; this does the I/O.
final class BatchRun {
    static let readsPerRound = 16

    let child: ChildProcess
    let slot: Int
    let context: BatchContext
    let control: PoolLaneControl
    let events: AttemptEvents
    let deadlines: OneshotMachine.Deadlines
    let scratch: UnsafeMutableRawBufferPointer
    let flight: FlightRecorder.Slot?
    /// How many tasks it was started with.
    let size: Int
    /// What happened to the tasks before.
    let earlier: [String: [Incident]]
    let startedAt = Timestamp.now
    var machine: BatchMachine
    var outgoing = OutgoingBytes()
    var output: FrameReader
    var errors: TailBuffer
    var errorLines = LineSplitter()
    var incidents: [Incident] = []
    var hasStrayLines = false
    /// A failure without an id, the first thing that a worker said which may not speak batch.
    var held: Said?
    /// The last line, if it was broken off.
    var lastLine: [UInt8]?
    /// Why nothing more that the process says is taken.
    var violation: TaskFailure?
    var answered: Set<String> = []
    var done: [AttemptOutcome] = []
    var doneSink: (any AttemptSink)?
    var flightTask: String?

    init(
        _ child: ChildProcess, _ items: [BatchQueue.Item], slot: Int, context: BatchContext, control: PoolLaneControl,
        scratch: UnsafeMutableRawBufferPointer, flight: FlightRecorder.Slot?
    ) {
        self.child = child
        self.slot = slot
        self.context = context
        self.control = control
        self.scratch = scratch
        self.flight = flight
        size = items.count
        earlier = items.reduce(into: [:]) { $0[$1.pending.leased.task.id] = $1.incidents }
        let configuration = context.configuration
        events = AttemptEvents(services: context.services, worker: configuration.name, slot: slot)
        deadlines = OneshotMachine.Deadlines(run: configuration.timeout, grace: configuration.stopGrace)
        machine = BatchMachine(items.map(\.pending), deadlines: deadlines, startedAt: .now)
        output = FrameReader(.lines, limit: configuration.limits.maxReplyBytes)
        errors = TailBuffer(limit: configuration.limits.keptErrorBytes)
    }

    /// Serves until the process has ended and every task has its outcome or waits again.
    func run() {
        context.services.emit([.workerCreated(events.identity(child.pid))])
        beginTurn()
        while !machine.isOver {
            feed()
            step()
        }
        finish()
    }

    // MARK: Giving

    /// Writes as much as the pipe takes. Only one task at a time is in memory as it is written, however large they are.
    private func feed() {
        while child.standardInput >= 0 {
            if outgoing.isEmpty {
                guard let task = machine.nextToWrite() else { return child.closeInput() }
                outgoing.append(TaskEnvelope.encode(task))
            }
            // A closed pipe: the process wants no more, and its end tells why.
            guard outgoing.write(to: child.standardInput) else { return child.closeInput() }
            if !outgoing.isEmpty { return }
        }
    }

    func beginTurn() {
        guard machine.awaitsTurn, let task = machine.entries.first?.pending.leased.task else { return noteFlight() }
        let time = Timestamp.now
        let limit = OneshotAttempt.limit(of: context.configuration, for: task, from: time)
        act(machine.beginTurn(.now, at: time, limit: limit))
        context.services.emit([
            .started(task, worker: events.identity(child.pid), attempt: task.metadata.attempt)
        ])
        noteFlight()
    }

    /// What the next host is told, should this one die: the oldest task.
    func noteFlight() {
        guard let flight else { return }
        let head = machine.entries.first?.pending.leased
        guard head?.task.id != flightTask else { return }
        if flightTask != nil { flight.end() }
        if let head { flight.begin(taskID: head.task.id, leaseToken: head.lease.token) }
        flightTask = head?.task.id
    }

    // MARK: One round

    private func step() {
        let timeout = machine.nextDeadline.map { $0.pollMilliseconds(from: .now) } ?? 0
        withUnsafeTemporaryAllocation(of: pollfd.self, capacity: 5) { polls in
            polls[0] = pollfd(fd: child.standardOutput, events: Int16(POLLIN), revents: 0)
            polls[1] = pollfd(fd: child.standardError, events: Int16(POLLIN), revents: 0)
            polls[2] = pollfd(fd: machine.awaitsExit ? child.exitDescriptor : -1, events: Int16(POLLIN), revents: 0)
            polls[3] = pollfd(fd: control.wake.descriptor, events: Int16(POLLIN), revents: 0)
            polls[4] = pollfd(fd: child.standardInput, events: Int16(POLLOUT), revents: 0)
            // Interrupted calls cannot happen with all signals blocked; any failure just ends in the next round.
            guard poll(polls.baseAddress, 5, timeout) > 0 else { return }
            if polls[0].revents != 0 { drainOutput() }
            if polls[1].revents != 0 { drainErrors() }
            if polls[3].revents != 0 { control.wake.clear() }
            if polls[2].revents != 0 { act(machine.processEnded(.now)) }
        }
        obey()
        act(machine.timePassed(.now))
        deliver()
    }

    /// Carries out what others want.
    private func obey() {
        for request in control.takeRequests() {
            switch request {
            case .all(let stop): act(machine.stopAll(stop.reason, hurry: stop.hurry, .now))
            case .task(let id, let token, let stop):
                switch machine.stop(id, token, stop.reason, hurry: stop.hurry, .now) {
                case .notHere, .marked: break
                case .act(let action): act(action)
                case .takenOut(let entry):
                    control.remove(entry.pending.leased)
                    end(unstarted(entry, stop.reason), to: entry.pending.sink)
                }
            }
        }
    }

    func act(_ action: BatchMachine.Action?) {
        switch action {
        case nil: return
        case .terminate(let reason): incidents.append(child.terminateGroup(because: cause(reason)))
        case .kill(let reason): incidents.append(child.killGroup(because: cause(reason)))
        case .finish:
            if let incident = child.endGroup() { incidents.append(incident) }
            drainOutput()
            drainErrors()
        case .abandon: incidents.append(child.abandoned(after: deadlines.kill))
        }
    }

    private func cause(_ reason: StopReason) -> String {
        if let violation { return violation.message }
        let culprit = machine.culprit ?? ""
        switch reason {
        case .deadline where machine.entries.isEmpty:
            return "it did not end within \(deadlines.grace.inSeconds) s after its last reply (stop_grace)"
        case .deadline: return "the deadline of task \(culprit) passed"
        case .shutdown: return "the host stops"
        case .leaseLost: return "the lease of task \(culprit) was lost"
        case .cancelled: return "task \(culprit) was cancelled"
        }
    }

    func note(_ kind: String, _ message: String) { incidents.append(Incident(kind: kind, message: message)) }
}
