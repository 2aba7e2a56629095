import CWorkerProcess

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// One process of a pool and the thread that stays with it from its start to its end: gives it tasks, takes its
/// replies, keeps its deadlines.
///
/// All decisions are ``PipelineMachine``'s and ``PoolMachine``'s; this does the I/O. Everything here but ``stop`` is
/// called on the lane's own thread.
final class PoolLane {
    static let readsPerRound = 16

    let id: Int
    let context: PoolContext
    let control: PoolLaneControl
    var machine: PipelineMachine
    let child: ChildProcess
    let startedAt = MonotonicTime.now
    let scratch = UnsafeMutableRawBufferPointer.allocate(byteCount: 64 << 10, alignment: 16)
    let flight: FlightRecorder.Slot?
    let frames: PoolFrames
    var output: FrameReader
    var errors: TailBuffer
    var errorLines = LineSplitter()
    var outgoing = OutgoingBytes()
    var retirement: PoolRetirement
    var incidents: [Incident] = []
    var idleSince: MonotonicTime?
    var done: [AttemptOutcome] = []
    /// What the observers have not been told yet; before any outcome, and at the end of each round.
    var events: [TaskEvent] = []
    /// Whether tasks have ended since it was last given some.
    var hasProgressed = false
    /// Whether anybody wants to be told of starts; asked once a round.
    var tellsSteps = true
    /// Whether the tasks are so short and so few that it is worth while to look for the next event instead of sleeping.
    var looksOut = false
    var spin: ShortSpin
    /// The run times of the tasks that were answered by what was read last, and how many these are.
    var measured: (nanoseconds: Int64, longest: Int64, count: Int64) = (0, 0, 0)
    let workerUse: ProcessorUse
    let laneUse = ProcessorUse.ofThisThread()
    var doneSink: (any AttemptSink)?
    var violation: TaskFailure?
    var flightTask: String?

    init(id: Int, context: PoolContext, control: PoolLaneControl, child: ChildProcess) {
        self.id = id
        self.context = context
        self.control = control
        self.child = child
        let configuration = context.configuration
        workerUse = ProcessorUse(pid: child.pid)
        spin = ShortSpin(context.spinGate)
        machine = PipelineMachine(
            startupTimeout: context.settings.startupTimeout, grace: configuration.stopGrace, startedAt: startedAt)
        flight = context.services.flightRecorder?.slot()
        frames = PoolFrames(format: configuration.format)
        output = FrameReader(frames.framing, limit: configuration.limits.maxReplyBytes)
        errors = TailBuffer(limit: configuration.limits.keptErrorBytes)
        retirement = PoolRetirement(context.settings, pid: child.pid, startedAt: startedAt)
    }

    deinit { scratch.deallocate() }

    var identity: WorkerIdentity {
        WorkerIdentity(name: context.configuration.name, slot: id, pid: child.pid)
    }

    /// Serves until the process has ended.
    func run() {
        while !machine.isOver {
            tellsSteps = context.services.wants(.taskSteps)
            fill()
            step()
        }
    }

    // MARK: Giving

    /// Gives the process as many tasks as it may hold; then tells what has ended, so that it does not wait for that.
    func fill() {
        // One that is known to say when it is ready gets nothing before; of one that is not, the first task is the test.
        let mayTake = machine.isServing || (machine.isStarting && !context.speaks.isKnown && machine.entries.isEmpty)
        guard mayTake, outgoing.isEmpty, !control.isLeaving else { return deliver() }
        // Behind a task that runs nothing is put unless others have just ended here: it may be a long one.
        guard machine.entries.count < machine.width || hasProgressed else { return deliver() }
        hasProgressed = false
        while true {
            let (tasks, start, looksOut) = context.members.take(
                id, open: machine.entries.count, width: machine.width)
            self.looksOut = looksOut
            context.start(start)
            if tasks.isEmpty {
                if machine.entries.isEmpty { idleSince = idleSince ?? .now }
                break
            }
            idleSince = nil
            // If none of them could be given there may be others: only who has found nothing waits to be woken.
            if give(tasks) { break }
        }
        deliver()
    }

    /// Writes tasks to the process; false if it was given none of them.
    func give(_ tasks: [Lane.Pending]) -> Bool {
        var given: [Lane.Pending] = []
        given.reserveCapacity(tasks.count)
        for pending in tasks {
            guard context.services.mayStart(pending.leased) else {
                end(pending, .failure(context.leaseEnded), record: context.record(pending, nil))
                continue
            }
            do throws(MessagePackEncodingError) {
                outgoing.append(try frames.task(pending.leased.task))
                given.append(pending)
            } catch {
                let failure = TaskFailure(
                    kind: .invalidParameters, type: "InvalidParameters",
                    message: "the task cannot be written as MessagePack: \(error)")
                end(pending, .failure(failure), record: context.record(pending, nil))
            }
        }
        guard !given.isEmpty else { return false }
        control.add(given)
        machine.gave(given)
        beginTurns()
        flush()
        return true
    }

    func beginTurns() {
        let new = machine.newTurns
        guard !new.isEmpty else { return }
        let (now, time) = (MonotonicTime.now, Timestamp.now)
        for index in new {
            let task = machine.entries[index].pending.leased.task
            let limit = OneshotAttempt.limit(of: context.configuration, for: task, from: time)
            machine.beginTurn(index, now, at: time, limit: limit)
            if tellsSteps { events.append(.started(task, worker: identity, attempt: task.metadata.attempt)) }
            // Its lease was lost, or it was cancelled, while it waited here: nothing of it may run on.
            if let reason = machine.entries[index].stop { act(machine.stop(index, reason, hurry: true, now)) }
        }
    }

    /// What the next host is told, should this one die: the oldest task.
    func noteFlight() {
        guard let flight else { return }
        guard let head = machine.entries.first?.pending.leased else {
            if flightTask != nil { flight.end() }
            flightTask = nil
            return
        }
        guard flightTask != head.task.id else { return }
        if flightTask != nil { flight.end() }
        flight.begin(taskID: head.task.id, leaseToken: head.lease.token)
        flightTask = head.task.id
    }

    func flush() {
        guard !outgoing.isEmpty, child.standardInput >= 0 else { return }
        // A closed pipe: the process wants no more, and its end tells why.
        if !outgoing.write(to: child.standardInput) { child.closeInput() }
    }

    // MARK: One round

    func step() {
        let deadline = [
            machine.nextDeadline, idleEnd, machine.isServing && !control.isLeaving ? retirement.nextLook : nil,
        ]
        .compactMap { $0 }.min()
        let timeout = deadline.map { $0.pollMilliseconds(from: .now) } ?? -1
        withUnsafeTemporaryAllocation(of: pollfd.self, capacity: 5) { polls in
            polls[0] = pollfd(fd: child.standardOutput, events: Int16(POLLIN), revents: 0)
            polls[1] = pollfd(fd: child.standardError, events: Int16(POLLIN), revents: 0)
            polls[2] = pollfd(fd: child.exitDescriptor, events: Int16(POLLIN), revents: 0)
            polls[3] = pollfd(fd: control.wake.descriptor, events: Int16(POLLIN), revents: 0)
            polls[4] = pollfd(fd: outgoing.isEmpty ? -1 : child.standardInput, events: Int16(POLLOUT), revents: 0)
            let isWorthIt = looksOut && machine.entries.count <= 1
            guard spin.poll(polls, timeout: timeout, isWorthIt: isWorthIt, hasTask: !machine.entries.isEmpty) > 0 else {
                return
            }
            if polls[4].revents != 0 { flush() }
            if polls[0].revents != 0 { drainOutput() }
            if polls[1].revents != 0 { drainErrors() }
            if polls[3].revents != 0 { control.wake.clear() }
            if polls[2].revents != 0 { act(machine.processEnded()) }
        }
        obey()
        act(machine.timePassed(.now))
        leaveIfDue()
        beginTurns()
    }

    var idleEnd: MonotonicTime? {
        idleSince.map { $0.advanced(by: context.settings.idleTimeout) }
    }

    /// Carries out what others want.
    func obey() {
        for request in control.takeRequests() {
            switch request {
            case .task(let id, let token, let stop):
                guard let (index, isInTurn) = machine.holds(id, token) else { continue }
                if isInTurn, stop.reason == .cancelled, !stop.hurry {
                    outgoing.append(frames.cancel(id))
                    flush()
                }
                act(machine.stop(index, stop.reason, hurry: stop.hurry, .now))
            case .all(let stop): act(machine.stopAll(stop.reason, hurry: stop.hurry, .now))
            }
        }
    }

    /// Ends an idle process that is not needed, and one that is due to be replaced.
    func leaveIfDue() {
        guard machine.isServing || machine.isStarting else { return }
        let now = MonotonicTime.now
        if control.isLeaving || context.members.isClosed {
            if machine.entries.isEmpty, outgoing.isEmpty { act(machine.endInput(now)) }
            return
        }
        if let idleEnd, idleEnd <= now {
            if context.members.mayShrink(id) { leave(now) } else { idleSince = now }
            return
        }
        guard machine.isServing, retirement.isDue(now) else { return }
        switch context.members.wantsToLeave(id) {
        case .leave: leave(now)
        case .wait: break
        case .start(let successor): context.start([successor])
        }
    }

    func leave(_ now: MonotonicTime) {
        control.leave()
        if machine.entries.isEmpty { act(machine.endInput(now)) }
    }

    func act(_ action: PipelineMachine.Action?) {
        switch action {
        case nil: return
        case .terminate(let reason): incidents.append(child.terminateGroup(because: cause(reason)))
        case .kill(let reason): incidents.append(child.killGroup(because: cause(reason)))
        case .endInput: child.closeInput()
        case .finish(let isAbandoned): finish(isAbandoned: isAbandoned)
        }
    }

    func cause(_ reason: StopReason) -> String {
        switch reason {
        case .deadline: "the deadline of task \(machine.culprit ?? "") passed"
        case .shutdown: "the pool stops"
        case .leaseLost: "the lease of task \(machine.culprit ?? "") was lost"
        case .cancelled: "task \(machine.culprit ?? "") was cancelled"
        }
    }
}
