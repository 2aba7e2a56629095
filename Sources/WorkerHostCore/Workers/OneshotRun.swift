import CWorkerProcess

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// Drives one oneshot process on the calling thread: feeds its input, drains its output, keeps its deadlines.
///
/// All decisions are ``OneshotMachine``'s and ``OutcomeTable``'s; this does the I/O.
struct OneshotRun {
    /// What came of it.
    struct End {
        let said: Said
        let ended: Ended
        let usage: ResourceUsage?
        let standardErrorTail: String?
        let incidents: [Incident]
        let strayLines: [String]
        /// The bytes on standard output, as far as they were kept, and where the reply lies in them.
        let output: [UInt8]
        let reply: Range<Int>?
        /// All bytes on standard output, the dropped ones included.
        let outputCount: Int
    }

    private static let readsPerRound = 16

    private let child: ChildProcess
    private let input: [UInt8]
    private var written: Int
    private var machine: OneshotMachine
    private let taskID: String
    private let limits: WorkerConfiguration.Limits
    private let deadlines: OneshotMachine.Deadlines
    private var output: OutputBuffer
    private var errors: TailBuffer
    private var errorLines = LineSplitter()
    private var incidents: [Incident] = []
    private var hooks: AttemptHooks

    init(
        child: ChildProcess, input: [UInt8], written: Int, taskID: String, limits: WorkerConfiguration.Limits,
        deadlines: OneshotMachine.Deadlines, startedAt: MonotonicTime, hooks: AttemptHooks
    ) {
        self.child = child
        self.input = input
        self.written = written
        self.taskID = taskID
        self.limits = limits
        self.deadlines = deadlines
        self.hooks = hooks
        machine = OneshotMachine(deadlines: deadlines, startedAt: startedAt)
        output = OutputBuffer(limit: limits.maxReplyBytes)
        errors = TailBuffer(limit: limits.keptErrorBytes)
    }

    /// Runs to the end.
    /// - Parameters:
    ///   - scratch: memory for reads.
    ///   - wake: readable when `requestedStop` may have changed.
    ///   - requestedStop: what somebody wants of this attempt.
    mutating func run(
        scratch: UnsafeMutableRawBufferPointer, wake: WakeDescriptor, requestedStop: () -> StopRequest?
    ) -> End {
        if written >= input.count { child.closeInput() }
        while !machine.isOver { step(scratch: scratch, wake: wake, requestedStop: requestedStop) }
        let isAbandoned = child.reap() == nil
        if let line = errorLines.rest() { hooks.errorLines?(child.pid, [line]) }
        child.closeAll()
        let ended = ending(isAbandoned: isAbandoned)
        let reply =
            output.overflowed
            ? ReplyReader(said: .tooMuch(limit: limits.maxReplyBytes), stray: [], reply: nil)
            : ReplyReader.read(output.bytes, taskID: taskID)
        return End(
            said: reply.said, ended: ended, usage: child.reap()?.usage, standardErrorTail: errors.text,
            incidents: incidents, strayLines: strayLines(reply), output: output.bytes, reply: reply.reply,
            outputCount: output.bytes.count + output.dropped)
    }

    private mutating func step(
        scratch: UnsafeMutableRawBufferPointer, wake: WakeDescriptor, requestedStop: () -> StopRequest?
    ) {
        let now = MonotonicTime.now
        var timeout = machine.nextDeadline.map { $0.pollMilliseconds(from: now) } ?? 0
        if let look = hooks.look {
            if machine.awaitsExit { look.body(child.pid) }
            timeout = min(timeout, look.every)
        }
        withUnsafeTemporaryAllocation(of: pollfd.self, capacity: 5) { polls in
            polls[0] = pollfd(fd: child.standardOutput, events: Int16(POLLIN), revents: 0)
            polls[1] = pollfd(fd: child.standardError, events: Int16(POLLIN), revents: 0)
            polls[2] = pollfd(fd: machine.awaitsExit ? child.exitDescriptor : -1, events: Int16(POLLIN), revents: 0)
            polls[3] = pollfd(fd: wake.descriptor, events: Int16(POLLIN), revents: 0)
            polls[4] = pollfd(fd: child.standardInput, events: Int16(POLLOUT), revents: 0)
            // Interrupted calls cannot happen with all signals blocked; any failure just ends in the next round.
            guard poll(polls.baseAddress, 5, timeout) > 0 else { return }
            if polls[4].revents != 0 { feed() }
            if polls[0].revents != 0 { drainOutput(scratch) }
            if polls[1].revents != 0 { drainErrors(scratch) }
            if polls[3].revents != 0 { wake.clear() }
            if polls[2].revents != 0 { act(machine.processEnded(.now), scratch) }
        }
        if let request = requestedStop() {
            act(machine.stopRequested(request.reason, hurry: request.hurry, .now), scratch)
        }
        act(machine.timePassed(.now), scratch)
    }

    private mutating func act(_ action: OneshotMachine.Action?, _ scratch: UnsafeMutableRawBufferPointer) {
        switch action {
        case nil: return
        case .terminate(let reason): note(child.terminateGroup(because: cause(reason)))
        case .kill(let reason): note(child.killGroup(because: cause(reason)))
        case .finish:
            if let incident = child.endGroup() { note(incident) }
            drainOutput(scratch)
            drainErrors(scratch)
        case .abandon: note(child.abandoned(after: deadlines.kill))
        }
    }

    private func cause(_ reason: StopReason) -> String {
        switch reason {
        case .deadline: "the deadline of \(deadlines.run.inSeconds) s passed"
        case .shutdown: "the host stops"
        case .leaseLost: "the lease was lost"
        case .cancelled: "the task was cancelled"
        }
    }

    private mutating func note(_ incident: Incident) {
        incidents.append(incident)
        hooks.incident?(incident)
    }

    private mutating func feed() {
        let count = input.withUnsafeBytes { all in
            write(child.standardInput, all.baseAddress.map { $0 + written }, all.count - written)
        }
        if count > 0 { written += count }
        // A closed pipe means that the worker wants no more input: its reply and exit code tell whether that is well.
        if written >= input.count || (count < 0 && errno != EAGAIN && errno != EINTR) { child.closeInput() }
    }

    private mutating func drainOutput(_ scratch: UnsafeMutableRawBufferPointer) {
        // Bounded, so that a child which never stops writing does not keep the deadlines from being looked at.
        for _ in 0..<Self.readsPerRound where child.standardOutput >= 0 {
            let count = read(child.standardOutput, scratch.baseAddress, scratch.count)
            if count > 0 {
                hooks.outputBegan.take()?(child.pid)
                output.append(UnsafeRawBufferPointer(rebasing: scratch[..<count]))
                if count < scratch.count, !machine.isOver { return }
            } else if count == 0 || (errno != EAGAIN && errno != EINTR) {
                child.closeOutput()
                noteOutputEnd(scratch)
            } else {
                return
            }
        }
    }

    private mutating func drainErrors(_ scratch: UnsafeMutableRawBufferPointer) {
        for _ in 0..<Self.readsPerRound where child.standardError >= 0 {
            let count = read(child.standardError, scratch.baseAddress, scratch.count)
            if count > 0 {
                let chunk = UnsafeRawBufferPointer(rebasing: scratch[..<count])
                errors.append(chunk)
                if let told = hooks.errorLines {
                    let lines = errorLines.lines(of: chunk)
                    if !lines.isEmpty { told(child.pid, lines) }
                }
                if count < scratch.count, !machine.isOver { return }
            } else if count == 0 || (errno != EAGAIN && errno != EINTR) {
                child.closeError()
                noteOutputEnd(scratch)
            } else {
                return
            }
        }
    }

    private mutating func noteOutputEnd(_ scratch: UnsafeMutableRawBufferPointer) {
        guard child.standardOutput < 0, child.standardError < 0 else { return }
        act(machine.outputDidEnd(), scratch)
    }

    private func ending(isAbandoned: Bool) -> Ended {
        guard !isAbandoned, let exit = child.exit else { return .unkillable(machine.stopReason ?? .deadline) }
        if let reason = machine.stopReason { return .stopped(reason, exit.ending) }
        switch exit.ending {
        case .exited(let code): return .exited(code)
        case .signaled(let signal): return .signaled(signal)
        case .unknown: return .unknown
        }
    }

    private func strayLines(_ reply: ReplyReader) -> [String] {
        guard hooks.errorLines != nil else { return [] }
        var splitter = LineSplitter()
        var lines: [String] = []
        output.bytes.withUnsafeBytes { bytes in
            for range in reply.stray {
                lines += splitter.lines(of: UnsafeRawBufferPointer(rebasing: bytes[range]))
                if let rest = splitter.rest() { lines.append(rest) }
            }
        }
        return lines
    }
}

/// What somebody wants of a running attempt.
struct StopRequest: Sendable, Hashable {
    var reason: StopReason
    var hurry: Bool
}
