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
    private static let readsPerRound = 16

    let id: Int
    private let context: PoolContext
    private let control: PoolLaneControl
    private var machine: PipelineMachine
    private let child: ChildProcess
    private let startedAt = MonotonicTime.now
    private let scratch = UnsafeMutableRawBufferPointer.allocate(byteCount: 64 << 10, alignment: 16)
    private let flight: FlightRecorder.Slot?
    private let frames: PoolFrames
    private var output: FrameReader
    private var errors: TailBuffer
    private var errorLines = LineSplitter()
    private var outgoing = OutgoingBytes()
    private var retirement: PoolRetirement
    private var incidents: [Incident] = []
    private var idleSince: MonotonicTime?
    private var done: [AttemptOutcome] = []
    private var doneSink: (any AttemptSink)?
    private var violation: TaskFailure?
    private var flightTask: String?

    init(id: Int, context: PoolContext, control: PoolLaneControl, child: ChildProcess) {
        self.id = id
        self.context = context
        self.control = control
        self.child = child
        let configuration = context.configuration
        machine = PipelineMachine(
            startupTimeout: context.settings.startupTimeout, grace: configuration.stopGrace, startedAt: startedAt)
        flight = context.services.flightRecorder?.slot()
        frames = PoolFrames(format: configuration.format)
        output = FrameReader(frames.framing, limit: configuration.limits.maxReplyBytes)
        errors = TailBuffer(limit: configuration.limits.keptErrorBytes)
        retirement = PoolRetirement(context.settings, pid: child.pid, startedAt: startedAt)
    }

    deinit { scratch.deallocate() }

    private var identity: WorkerIdentity {
        WorkerIdentity(name: context.configuration.name, slot: id, pid: child.pid)
    }

    /// Serves until the process has ended.
    func run() {
        while !machine.isOver {
            fill()
            step()
        }
    }

    // MARK: Giving

    /// Gives the process as many tasks as it may hold.
    private func fill() {
        // One that is known to say when it is ready gets nothing before; of one that is not, the first task is the test.
        let mayTake = machine.isServing || (machine.isStarting && !context.speaks.isKnown && machine.entries.isEmpty)
        guard mayTake, outgoing.isEmpty, !control.isLeaving else { return }
        while true {
            let (tasks, start) = context.members.take(id, open: machine.entries.count, width: machine.width)
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
    private func give(_ tasks: [Lane.Pending]) -> Bool {
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

    private func beginTurns() {
        let new = machine.newTurns
        guard !new.isEmpty else { return }
        let (now, time) = (MonotonicTime.now, Timestamp.now)
        var events: [TaskEvent] = []
        for index in new {
            let task = machine.entries[index].pending.leased.task
            let limit = OneshotAttempt.limit(of: context.configuration, for: task, from: time)
            machine.beginTurn(index, now, at: time, limit: limit)
            events.append(.started(task, worker: identity, attempt: task.metadata.attempt))
            // Its lease was lost, or it was cancelled, while it waited here: nothing of it may run on.
            if let reason = machine.entries[index].stop { act(machine.stop(index, reason, hurry: true, now)) }
        }
        noteFlight()
        context.services.emit(events)
    }

    /// What the next host is told, should this one die: the oldest task.
    private func noteFlight() {
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

    private func flush() {
        guard !outgoing.isEmpty, child.standardInput >= 0 else { return }
        // A closed pipe: the process wants no more, and its end tells why.
        if !outgoing.write(to: child.standardInput) { child.closeInput() }
    }

    // MARK: One round

    private func step() {
        let deadline = [machine.nextDeadline, idleEnd, retirement.nextLook].compactMap { $0 }.min()
        let timeout = deadline.map { $0.pollMilliseconds(from: .now) } ?? -1
        withUnsafeTemporaryAllocation(of: pollfd.self, capacity: 5) { polls in
            polls[0] = pollfd(fd: child.standardOutput, events: Int16(POLLIN), revents: 0)
            polls[1] = pollfd(fd: child.standardError, events: Int16(POLLIN), revents: 0)
            polls[2] = pollfd(fd: child.exitDescriptor, events: Int16(POLLIN), revents: 0)
            polls[3] = pollfd(fd: control.wake.descriptor, events: Int16(POLLIN), revents: 0)
            polls[4] = pollfd(fd: outgoing.isEmpty ? -1 : child.standardInput, events: Int16(POLLOUT), revents: 0)
            guard poll(polls.baseAddress, 5, timeout) > 0 else { return }
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
        deliver()
    }

    private var idleEnd: MonotonicTime? {
        idleSince.map { $0.advanced(by: context.settings.idleTimeout) }
    }

    /// Carries out what others want.
    private func obey() {
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
    private func leaveIfDue() {
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

    private func leave(_ now: MonotonicTime) {
        control.leave()
        if machine.entries.isEmpty { act(machine.endInput(now)) }
    }

    private func act(_ action: PipelineMachine.Action?) {
        switch action {
        case nil: return
        case .terminate(let reason):
            child.signalGroup(SIGTERM)
            note("terminating", "\(cause(reason)); SIGTERM sent to process group \(child.pid)")
        case .kill(let reason):
            child.signalGroup(SIGKILL)
            note("killed", "\(cause(reason)); SIGKILL sent to process group \(child.pid)")
        case .endInput: child.closeInput()
        case .finish(let isAbandoned): finish(isAbandoned: isAbandoned)
        }
    }

    private func cause(_ reason: StopReason) -> String {
        switch reason {
        case .deadline: "the deadline of task \(machine.culprit ?? "") passed"
        case .shutdown: "the pool stops"
        case .leaseLost: "the lease of task \(machine.culprit ?? "") was lost"
        case .cancelled: "task \(machine.culprit ?? "") was cancelled"
        }
    }

    private func note(_ kind: String, _ message: String) { incidents.append(Incident(kind: kind, message: message)) }

    // MARK: Taking

    private func drainOutput() {
        for _ in 0..<Self.readsPerRound where child.standardOutput >= 0 {
            let count = read(child.standardOutput, scratch.baseAddress, scratch.count)
            if count > 0 {
                output.append(UnsafeRawBufferPointer(rebasing: scratch[..<count]))
                takeFrames()
                if count < scratch.count, !machine.isOver { return }
            } else if count == 0 || (errno != EAGAIN && errno != EINTR) {
                child.closeOutput()
                // Half a frame: how the process ended, or the deadline, tells what is wrong.
                if let last = output.finish(), case .frame = last { take(last) }
            } else {
                return
            }
        }
    }

    private func takeFrames() {
        while let frame = output.next() { take(frame) }
    }

    private func take(_ frame: Frame) {
        switch frame {
        case .frame(let range): take(output.withBytes(of: range) { PoolMessage.read($0, frames.format) }, range)
        case .overlong(let length):
            breakOff(
                TaskFailure(
                    kind: .resourceLimit(.replySize), type: "ReplyTooLarge",
                    message:
                        "worker '\(context.configuration.name)' wrote a line of \(length) bytes to standard output, more than limits.max_reply_bytes (\(context.configuration.limits.maxReplyBytes)): write large results to a file, or raise the limit"
                ))
        case .broken(let error):
            breakOff(
                TaskFailure(
                    kind: .protocolViolation, type: "BrokenFrame",
                    message: "worker '\(context.configuration.name)': \(error)"))
        }
    }

    /// Nothing that the process says can be trusted from here on.
    private func breakOff(_ failure: TaskFailure) {
        violation = violation ?? failure
        act(machine.stopAll(.deadline, hurry: true, .now))
    }

    private func take(_ message: PoolMessage, _ range: Range<Int>) {
        switch message {
        case .reply(let id, let said):
            // Of the first task of a process that does not say when it is ready, only the sum is known.
            let isMeasured = machine.isReady
            signOfLife(width: machine.width)
            reply(id, said, isMeasured: isMeasured)
        case .ready(let concurrency):
            context.speaks.noteReady()
            signOfLife(width: concurrency)
        case .progress(let id, let percent, let message):
            guard let task = task(id) else { return }
            context.services.emit([.progress(task, percent: percent, message: message)])
        case .log(let id, let level, let message): passOn(["\(level) \(message)"], from: .standardError, id)
        case .unreadable(let id, let reason):
            signOfLife(width: machine.width)
            unreadable(id, reason)
        case .stray:
            guard context.services.passesOutput else { return }
            passOn([String(decoding: output.bytes(of: range).prefix(8192), as: UTF8.self)], from: .standardOutput, nil)
        }
    }

    private func signOfLife(width: Int) {
        guard !machine.isReady else { return }
        machine.becameReady(width: width, .now, at: .now)
        context.members.becameReady(id)
    }

    private func task(_ id: String?) -> WorkerTask? {
        guard let id else { return machine.entries.first?.pending.leased.task }
        return machine.entries.first { $0.pending.leased.task.id == id }?.pending.leased.task
    }

    private func reply(_ id: String?, _ said: Said, isMeasured: Bool) {
        guard let entry = machine.replied(to: id) else {
            passOn(["a reply to task \(id ?? "?"), which is not open, is ignored"], from: .standardOutput, id)
            return
        }
        control.remove(entry.pending.leased)
        let turn = entry.turn
        if isMeasured, let turn { context.members.note(turn.since.duration(to: .now)) }
        retirement.tookReply()
        if retirement.replies == 2 { context.speaks.noteSecondReply() }
        var record = context.record(entry.pending, child.pid)
        record.startedAt = turn?.at ?? .now
        record.endedAt = .now
        if !incidents.isEmpty { (record.incidents, incidents) = (incidents, []) }
        end(entry.pending, outcome(of: entry, said), record: record)
        beginTurns()
        noteFlight()
    }

    private func unreadable(_ id: String?, _ reason: String) {
        guard id != nil, let entry = machine.replied(to: id) else {
            return passOn(["a message that cannot be read is ignored: \(reason)"], from: .standardOutput, id)
        }
        control.remove(entry.pending.leased)
        retirement.tookReply()
        var record = context.record(entry.pending, child.pid)
        record.startedAt = entry.turn?.at ?? .now
        record.endedAt = .now
        let failure = TaskFailure(
            kind: .protocolViolation, type: "UnreadableReply",
            message: "the reply of worker '\(context.configuration.name)' cannot be taken: \(reason)")
        end(entry.pending, .failure(failure), record: record)
        beginTurns()
        noteFlight()
    }

    private func outcome(of entry: PipelineMachine.Entry, _ said: Said) -> Result<TaskResult, TaskFailure> {
        let limit = entry.turn?.limit ?? TimeLimit(duration: context.configuration.timeout)
        let table = OutcomeTable(worker: context.configuration.name, limit: limit)
        // What was to be ended has ended too late, whatever it says.
        if let reason = entry.stop ?? (isCulprit(entry) ? machine.stopReason : nil), reason != .shutdown {
            return table.outcome(said: said, ended: .stopped(reason, .exited(0)))
        }
        return table.outcome(said: said, ended: .exited(0))
    }

    private func isCulprit(_ entry: PipelineMachine.Entry) -> Bool {
        entry.turn != nil && machine.culprit == entry.pending.leased.task.id
    }

    private func drainErrors() {
        for _ in 0..<Self.readsPerRound where child.standardError >= 0 {
            let count = read(child.standardError, scratch.baseAddress, scratch.count)
            if count > 0 {
                let chunk = UnsafeRawBufferPointer(rebasing: scratch[..<count])
                errors.append(chunk)
                if context.services.passesOutput {
                    passOn(errorLines.lines(of: chunk), from: .standardError, nil)
                }
                if count < scratch.count, !machine.isOver { return }
            } else if count == 0 || (errno != EAGAIN && errno != EINTR) {
                child.closeError()
            } else {
                return
            }
        }
    }

    private func passOn(_ lines: [String], from stream: WorkerOutput.Stream, _ id: String?) {
        guard context.services.passesOutput, !lines.isEmpty else { return }
        let task = id ?? machine.entries.first?.pending.leased.task.id ?? ""
        context.services.emit([
            .output(WorkerOutput(worker: identity, taskID: task, stream: stream, lines: lines))
        ])
    }

    // MARK: The end

    private func finish(isAbandoned: Bool) {
        if isAbandoned { note("abandoned", "process \(child.pid) did not end after SIGKILL") }
        // Before the reap, while the pid cannot belong to anybody else: no grandchild outlives its process.
        child.signalGroup(SIGKILL)
        drainOutput()
        drainErrors()
        let exit = child.reap()
        if let line = errorLines.rest() { passOn([line], from: .standardError, nil) }
        child.closeAll()
        var (inTurn, unstarted) = machine.takeAll()
        for entry in inTurn + unstarted { control.remove(entry.pending.leased) }
        let wasAskedTo = machine.stopReason != nil || control.isLeaving
        if context.speaks.noteEnd(replies: retirement.replies, wasAskedTo: wasAskedTo) {
            // It serves one task a process: what it was given behind that it has never looked at.
            (inTurn, unstarted) = ([], inTurn + unstarted)
        }
        for entry in inTurn { end(entry, exit) }
        var back: [Lane.Pending] = []
        for entry in unstarted {
            if let reason = entry.stop ?? machine.stopReason, reason == .leaseLost || reason == .shutdown {
                end(entry.pending, stopped(entry, reason, exit), record: context.record(entry.pending, nil))
            } else {
                back.append(entry.pending)
            }
        }
        noteFlight()
        context.giveBack(back)
        deliver()
        if !machine.isReady, inTurn.isEmpty, machine.stopReason == nil || machine.stopReason == .shutdown,
            !context.members.isClosed
        {
            context.startFailed(notReady(exit), errors.text)
        }
        context.services.emit([.workerTerminated(identity, terminationReason(exit))])
    }

    /// The outcome of a task that the process did not answer.
    private func end(_ entry: PipelineMachine.Entry, _ exit: ProcessExit?) {
        var record = context.record(entry.pending, child.pid)
        record.startedAt = entry.turn?.at
        record.endedAt = .now
        record.usage = machine.entries.isEmpty && retirement.replies == 0 ? exit?.usage : nil
        record.incidents = incidents
        let result: Result<TaskResult, TaskFailure>
        if let violation, entry.stop == nil, !isCulprit(entry) || machine.stopReason == .deadline {
            result = .failure(violation)
        } else if let reason = entry.stop ?? (isCulprit(entry) ? machine.stopReason : nil) {
            result = stopped(entry, reason, exit)
        } else if machine.stopReason != nil {
            // Another task was the reason, or the pool stops: this one did nothing wrong.
            result = stopped(entry, .shutdown, exit)
        } else {
            result = died(entry, exit)
        }
        end(
            entry.pending,
            result.mapError { failure in
                var failure = LastWords.added(to: failure, said: .nothing, standardError: errors.text)
                failure.standardErrorTail = errors.text
                return failure
            }, record: record)
    }

    private func stopped(
        _ entry: PipelineMachine.Entry, _ reason: StopReason, _ exit: ProcessExit?
    ) -> Result<TaskResult, TaskFailure> {
        let limit = entry.turn?.limit ?? TimeLimit(duration: context.configuration.timeout)
        let table = OutcomeTable(worker: context.configuration.name, limit: limit)
        guard let exit else { return table.outcome(said: .nothing, ended: .unkillable(reason)) }
        return table.outcome(said: .nothing, ended: .stopped(reason, exit.ending))
    }

    private func died(_ entry: PipelineMachine.Entry, _ exit: ProcessExit?) -> Result<TaskResult, TaskFailure> {
        let limit = entry.turn?.limit ?? TimeLimit(duration: context.configuration.timeout)
        let table = OutcomeTable(worker: context.configuration.name, limit: limit)
        switch exit?.ending {
        case .signaled(let signal): return table.outcome(said: .nothing, ended: .signaled(signal))
        case .exited(let code) where code != 0:
            return .failure(
                TaskFailure(
                    kind: .retriable, type: "ExitCode\(code)",
                    message: "a process of the pool of worker '\(context.configuration.name)' ended with exit code "
                        + "\(code) while it had the task", exitCode: code))
        case .exited, nil:
            return table.outcome(said: .nothing, ended: exit == nil ? .unkillable(.deadline) : .exited(0))
        }
    }

    private func notReady(_ exit: ProcessExit?) -> String {
        switch exit?.ending {
        case .exited(let code) where machine.stopReason == nil: "it ended with exit code \(code) before it was ready"
        case .signaled(let signal) where machine.stopReason == nil:
            "it was ended by \(SignalName.of(signal)) before it was ready"
        default: "it gave no sign of life within \(context.settings.startupTimeout.inSeconds) s (pool.startup_timeout)"
        }
    }

    private func terminationReason(_ exit: ProcessExit?) -> TerminationReason {
        if let reason = machine.stopReason { return .stopped(reason) }
        switch exit?.ending {
        case .signaled(let signal): return .signaled(signal)
        case .exited(let code): return .exited(code: code)
        case nil: return .stopped(.shutdown)
        }
    }

    // MARK: Outcomes, some at a time

    private func end(_ pending: Lane.Pending, _ result: Result<TaskResult, TaskFailure>, record: AttemptRecord) {
        if let doneSink, doneSink !== pending.sink { deliver() }
        doneSink = pending.sink
        done.append(AttemptOutcome(leased: pending.leased, result: result, record: record))
    }

    private func deliver() {
        guard let sink = doneSink, !done.isEmpty else { return }
        sink.attemptsEnded(done)
        done.removeAll(keepingCapacity: true)
        doneSink = nil
    }
}
