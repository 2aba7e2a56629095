/// One slot of a worker: a thread that starts processes, one after the other, and stays with each to its end.
///
/// The thread lives as long as its processes: the kernel ends a child when the thread that started it ends.
final class Lane: Sendable {
    /// An attempt that waits for a lane.
    struct Pending: Sendable {
        let leased: LeasedTask
        let sink: any AttemptSink
        let queuedAt: MonotonicTime
    }

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
    private let launcher: Launcher
    private let services: LaneServices
    private let wake: WakeDescriptor
    private let state = Guarded(State())

    init(
        slot: Int, configuration: WorkerConfiguration, launcher: Launcher, services: LaneServices
    ) throws(SystemError) {
        self.slot = slot
        self.configuration = configuration
        self.launcher = launcher
        self.services = services
        wake = try WakeDescriptor()
    }

    /// The thread's whole life: takes attempts until the queue is closed.
    func run(_ queue: BlockingQueue<Pending>) {
        let stack = SpawnStack()
        let scratch = UnsafeMutableRawBufferPointer.allocate(byteCount: 64 << 10, alignment: 16)
        defer { scratch.deallocate() }
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
            let outcome = attempt(pending.leased, stack: stack, scratch: scratch, temporary: temporary?.path)
            // From here on a stop for this attempt finds nothing: it can never hit the next one.
            state.withLock { $0.current = nil }
            wake.clear()
            temporary?.empty()
            pending.sink.attemptEnded(outcome)
            flight?.end()
        }
    }

    /// Ends the attempt that runs under this lease; false if it is not this lane's.
    func stop(taskID: String, leaseToken: String, request: StopRequest) -> Bool {
        state.withLock { state in
            guard var running = state.current, running.taskID == taskID, running.leaseToken == leaseToken else {
                return false
            }
            running.stop = running.stop ?? request
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
        _ leased: LeasedTask, stack: SpawnStack, scratch: UnsafeMutableRawBufferPointer, temporary: String?
    ) -> AttemptOutcome {
        let task = leased.task
        guard services.mayStart(leased) else { return leaseEnded(leased) }
        let input = TaskEnvelope.encode(task)
        var record = AttemptRecord(worker: configuration.name, number: task.metadata.attempt)
        let startedAt = Timestamp.now
        let start = MonotonicTime.now
        let child: ChildProcess, written: Int
        do throws(StartError) {
            (child, written) = try launcher.start(
                for: leased, input: input, temporary: temporary, stack: stack)
        } catch {
            record.endedAt = .now
            let outcome = OutcomeTable(
                worker: configuration.name, limit: TimeLimit(duration: configuration.timeout)
            ).outcome(said: .nothing, ended: .notStarted(error))
            return AttemptOutcome(leased: leased, result: outcome, record: record)
        }
        let identity = WorkerIdentity(name: configuration.name, slot: slot, pid: child.pid)
        services.emit([
            .workerCreated(identity), .started(task, worker: identity, attempt: task.metadata.attempt),
        ])
        let limit = limit(of: task, from: startedAt)
        var run = OneshotRun(
            child: child, input: input, written: written, taskID: task.id, limits: configuration.limits,
            deadlines: OneshotMachine.Deadlines(run: limit.duration, grace: configuration.stopGrace), startedAt: start,
            onErrorLines: services.passesOutput ? { self.passOn($0, from: .standardError, identity, task) } : nil)
        let end = run.run(scratch: scratch, wake: wake) { self.state.withLock { $0.current?.stop } }
        record.pid = child.pid
        record.startedAt = startedAt
        record.endedAt = .now
        record.usage = end.usage
        record.incidents = end.incidents
        if !end.strayLines.isEmpty { noteStray(end.strayLines, identity, task, &record) }
        services.emit([.workerTerminated(identity, Self.terminationReason(end.ended))])
        let result = OutcomeTable(worker: configuration.name, limit: limit)
            .outcome(said: end.said, ended: end.ended)
            .mapError { failure in
                var failure = LastWords.added(to: failure, said: end.said, standardError: end.standardErrorTail)
                failure.usage = end.usage
                failure.standardErrorTail = end.standardErrorTail
                return failure
            }
        return AttemptOutcome(leased: leased, result: result, record: record)
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

    /// The worker's timeout, or what is left until the task's own deadline if that is less.
    private func limit(of task: WorkerTask, from start: Timestamp) -> TimeLimit {
        guard let deadline = task.metadata.deadline, start.duration(to: deadline) < configuration.timeout else {
            return TimeLimit(duration: configuration.timeout)
        }
        return TimeLimit(duration: max(.zero, start.duration(to: deadline)), isDeadline: true)
    }

    private func passOn(
        _ lines: [String], from stream: WorkerOutput.Stream, _ identity: WorkerIdentity, _ task: WorkerTask
    ) {
        services.emit([.output(WorkerOutput(worker: identity, taskID: task.id, stream: stream, lines: lines))])
    }

    private func noteStray(
        _ lines: [String], _ identity: WorkerIdentity, _ task: WorkerTask, _ record: inout AttemptRecord
    ) {
        passOn(lines, from: .standardOutput, identity, task)
        record.incidents.append(
            Incident(
                kind: "stray_output",
                message:
                    "worker '\(configuration.name)' wrote \(lines.count) line(s) that are no reply to standard "
                    + "output; they went to the log: print to standard error"
            ))
    }

    private static func terminationReason(_ ended: Ended) -> TerminationReason {
        switch ended {
        case .exited(let code): .exited(code: code)
        case .signaled(let signal): .signaled(signal)
        case .stopped(let reason, _), .unkillable(let reason): .stopped(reason)
        case .notStarted: .exited(code: 127)
        }
    }
}
