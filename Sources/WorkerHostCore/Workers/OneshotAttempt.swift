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
    let launcher: Launcher
    /// The longest the attempt may run; nil takes the worker's timeout, or what is left until the task's own deadline
    /// if that is less.
    var timeout: Duration?

    /// Runs the attempt to its end.
    /// - Returns: the outcome, and what the process said and did; nil if it could not be started.
    func run(
        _ leased: LeasedTask, temporary: String?, equipment: Equipment, hooks: AttemptHooks,
        requestedStop: () -> StopRequest?
    ) -> (outcome: AttemptOutcome, end: OneshotRun.End?) {
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
            let outcome = OutcomeTable.outcome(
                said: .nothing, ended: .notStarted(error), timeout: configuration.timeout)
            return (AttemptOutcome(leased: leased, result: outcome, record: record), nil)
        }
        hooks.started?(child.pid)
        let timeout = timeout ?? Self.timeout(of: configuration, for: task, from: startedAt)
        var run = OneshotRun(
            child: child, input: input, written: written, taskID: task.id, limits: configuration.limits,
            deadlines: OneshotMachine.Deadlines(run: timeout, grace: configuration.stopGrace), startedAt: start,
            hooks: hooks)
        let end = run.run(scratch: equipment.scratch, wake: equipment.wake, requestedStop: requestedStop)
        record.pid = child.pid
        record.startedAt = startedAt
        record.endedAt = .now
        record.usage = end.usage
        record.incidents = end.incidents
        if !end.strayLines.isEmpty {
            hooks.strayLines?(child.pid, end.strayLines)
            record.incidents.append(Self.strayOutput(end.strayLines.count))
        }
        let result = OutcomeTable.outcome(said: end.said, ended: end.ended, timeout: timeout)
            .mapError { failure in
                var failure = LastWords.added(to: failure, said: end.said, standardError: end.standardErrorTail)
                failure.usage = end.usage
                failure.standardErrorTail = end.standardErrorTail
                return failure
            }
        return (AttemptOutcome(leased: leased, result: result, record: record), end)
    }

    /// The worker's timeout, or what is left until the task's own deadline if that is less.
    static func timeout(
        of configuration: WorkerConfiguration, for task: WorkerTask, from start: Timestamp
    ) -> Duration {
        guard let deadline = task.metadata.deadline else { return configuration.timeout }
        return max(.zero, min(configuration.timeout, start.duration(to: deadline)))
    }

    private static func strayOutput(_ count: Int) -> Incident {
        Incident(
            kind: "stray_output",
            message:
                "\(count) line(s) on standard output are no reply and went to the log; a worker should print to standard error"
        )
    }
}
