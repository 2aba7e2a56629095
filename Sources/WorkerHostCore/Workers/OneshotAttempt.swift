/// One attempt on the calling thread: starts the process, stays with it to its end, judges what came of it.
///
/// What a ``Lane`` does for each of its tasks, and a ``SingleRun`` for its only one.
struct OneshotAttempt {
    /// What a thread needs for attempts and keeps from one to the next.
    struct Equipment {
        let stack = SpawnStack()
        /// Memory for reads.
        let scratch = UnsafeMutableRawBufferPointer.allocate(byteCount: 64 << 10, alignment: 16)
        /// Readable when a stop may have been requested.
        let wake: WakeDescriptor

        func deallocate() { scratch.deallocate() }
    }

    let configuration: WorkerConfiguration
    let launcher: any ProcessStarter
    /// The longest the attempt may run; nil takes the worker's timeout, or what is left until the task's own deadline
    /// if that is less.
    var timeout: Duration?
    /// Whether a reply stands however the process ends by itself after it.
    var replyDecides = false

    /// Runs the attempt to its end.
    /// - Returns: the outcome, and what the process said and did; nil if it could not be started. `mayMove`: it was not
    ///   started through no fault of its own, and may be tried again without spending an attempt.
    func run(
        _ leased: LeasedTask, temporary: String?, equipment: Equipment, hooks: AttemptHooks,
        requestedStop: () -> StopRequest?
    ) -> (outcome: AttemptOutcome, end: OneshotRun.End?, mayMove: Bool) {
        let task = leased.task
        let input = TaskEnvelope.encode(task)
        var record = AttemptRecord(worker: configuration.name, number: task.metadata.attempt)
        let startedAt = Timestamp.now
        let start = MonotonicTime.now
        let child: ChildProcess, written: Int
        do throws(StartError) {
            (child, written) = try launcher.start(
                for: leased, input: input, temporary: temporary, stack: equipment.stack)
        } catch {
            record.endedAt = .now
            let outcome = OutcomeTable(
                worker: configuration.name, limit: TimeLimit(duration: configuration.timeout)
            ).outcome(said: .nothing, ended: .notStarted(error))
            return (AttemptOutcome(leased: leased, result: outcome, record: record), nil, error.mayMove)
        }
        hooks.started?(child.pid)
        let limit =
            timeout.map { TimeLimit(duration: $0) } ?? Self.limit(of: configuration, for: task, from: startedAt)
        var run = OneshotRun(
            child: child, input: input, written: written, taskID: task.id, limits: configuration.limits,
            deadlines: OneshotMachine.Deadlines(run: limit.duration, grace: configuration.stopGrace), startedAt: start,
            hooks: hooks)
        let end = run.run(scratch: equipment.scratch, wake: equipment.wake, requestedStop: requestedStop)
        record.pid = child.pid
        record.startedAt = startedAt
        record.endedAt = .now
        record.usage = end.usage
        record.incidents = end.incidents
        if !end.strayLines.isEmpty {
            hooks.strayLines?(child.pid, end.strayLines)
            record.incidents.append(strayOutput(end.strayLines.count))
        }
        var ended = end.ended
        if replyDecides, end.said.isReply, end.ended.isUnasked, ended != .exited(0) {
            record.incidents.append(.exitAfterReply(end.ended))
            ended = .exited(0)
        }
        let result = OutcomeTable(worker: configuration.name, limit: limit)
            .outcome(said: end.said, ended: ended)
            .mapError { failure in
                var failure = LastWords.added(to: failure, said: end.said, standardError: end.standardErrorTail)
                failure.usage = end.usage
                failure.standardErrorTail = end.standardErrorTail
                return failure
            }
        return (AttemptOutcome(leased: leased, result: result, record: record), end, false)
    }

    /// The worker's timeout, or what is left until the task's own deadline if that is less.
    static func limit(of configuration: WorkerConfiguration, for task: WorkerTask, from start: Timestamp) -> TimeLimit {
        guard let deadline = task.metadata.deadline, start.duration(to: deadline) < configuration.timeout else {
            return TimeLimit(duration: configuration.timeout)
        }
        return TimeLimit(duration: max(.zero, start.duration(to: deadline)), isDeadline: true)
    }

    private func strayOutput(_ count: Int) -> Incident {
        Incident(
            kind: "stray_output",
            message:
                "worker '\(configuration.name)' wrote \(count) line(s) that are no reply to standard output; they went to "
                + "the log: print to standard error")
    }
}
