#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

// The end of the process, and outcomes on their way.
extension PoolLane {
    func finish(isAbandoned: Bool) {
        if isAbandoned { incidents.append(child.abandoned()) }
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
        context.giveBack(back)
        deliver()
        if !machine.isReady, inTurn.isEmpty, machine.stopReason == nil || machine.stopReason == .shutdown,
            !context.members.isClosed
        {
            context.startFailed(notReady(exit), errors.text)
        }
        tellEvents()
        context.services.emit([.workerTerminated(identity, terminationReason(exit))])
    }

    /// The outcome of a task that the process did not answer.
    func end(_ entry: PipelineMachine.Entry, _ exit: ProcessExit?) {
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

    func stopped(
        _ entry: PipelineMachine.Entry, _ reason: StopReason, _ exit: ProcessExit?
    ) -> Result<TaskResult, TaskFailure> {
        let limit = entry.turn?.limit ?? TimeLimit(duration: context.configuration.timeout)
        let table = OutcomeTable(worker: context.configuration.name, limit: limit)
        guard let exit else { return table.outcome(said: .nothing, ended: .unkillable(reason)) }
        return table.outcome(said: .nothing, ended: .stopped(reason, exit.ending))
    }

    func died(_ entry: PipelineMachine.Entry, _ exit: ProcessExit?) -> Result<TaskResult, TaskFailure> {
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
        case .exited, .unknown, nil:
            return table.outcome(said: .nothing, ended: exit == nil ? .unkillable(.deadline) : .exited(0))
        }
    }

    func notReady(_ exit: ProcessExit?) -> String {
        switch exit?.ending {
        case .exited(let code) where machine.stopReason == nil: "it ended with exit code \(code) before it was ready"
        case .signaled(let signal) where machine.stopReason == nil:
            "it was ended by \(SignalName.of(signal)) before it was ready"
        default: "it gave no sign of life within \(context.settings.startupTimeout.inSeconds) s (pool.startup_timeout)"
        }
    }

    func terminationReason(_ exit: ProcessExit?) -> TerminationReason {
        if let reason = machine.stopReason { return .stopped(reason) }
        switch exit?.ending {
        case .signaled(let signal): return .signaled(signal)
        case .exited(let code): return .exited(code: code)
        case .unknown: return .unknown
        case nil: return .stopped(.shutdown)
        }
    }

    func end(_ pending: Lane.Pending, _ result: Result<TaskResult, TaskFailure>, record: AttemptRecord) {
        if let doneSink, doneSink !== pending.sink { deliver() }
        doneSink = pending.sink
        done.append(AttemptOutcome(leased: pending.leased, result: result, record: record))
    }

    func tellEvents() {
        guard !events.isEmpty else { return }
        context.services.emit(events)
        events.removeAll(keepingCapacity: true)
    }

    /// Tells what has happened: the observers first.
    func deliver() {
        tellEvents()
        noteFlight()
        guard let sink = doneSink, !done.isEmpty else { return }
        control.remove(done)
        if done.count == 1, machine.entries.isEmpty {
            InlineExecutor.offering { sink.attemptsEnded(done) }
        } else {
            sink.attemptsEnded(done)
        }
        done.removeAll(keepingCapacity: true)
        doneSink = nil
    }
}
