#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

// The end of the process, and outcomes on their way.
extension BatchRun {
    /// Decides about the tasks without a reply.
    func finish() {
        let exit = child.reap()
        if let line = errorLines.rest() { passOn([line], from: .standardError) }
        child.closeAll()
        let ended = ending(exit)
        settleHeld()
        let open = machine.takeAll()
        for entry in open { control.remove(entry.pending.leased) }
        var isNew = false
        let back: [BatchQueue.Item]
        if violation == nil, let reason = machine.stopReason {
            back = stopped(open, reason, ended)
        } else {
            let isOneshot = noteSpeech(open, ended, &isNew)
            back = isOneshot ? open.map { BatchQueue.Item(pending: $0.pending) } : endedItself(open, ended)
        }
        noteFlight()
        context.queue.setOpen(slot, 0)
        deliver()
        events.terminated(child.pid, ended)
        if isNew { context.fallBack() }
        context.giveBack(back)
    }

    private func ending(_ exit: ProcessExit?) -> Ended {
        guard let exit else { return .unkillable(machine.stopReason ?? .deadline) }
        if let reason = machine.stopReason { return .stopped(reason, exit.ending) }
        switch exit.ending {
        case .exited(let code): return .exited(code)
        case .signaled(let signal): return .signaled(signal)
        case .unknown: return .unknown
        }
    }

    /// A failure without an id that was the only word: the task's, if the process was ended for it. Otherwise the
    /// worker may have meant the whole input, and none of the tasks was begun.
    private func settleHeld() {
        guard let said = held else { return }
        held = nil
        if machine.culprit != nil, machine.culprit == machine.entries.first?.id,
            let entry = machine.replied(to: nil, .now)
        {
            control.remove(entry.pending.leased)
            let reason = machine.stopReason ?? .deadline
            end(
                entry,
                reason == .deadline
                    ? table(entry).outcome(said: said, ended: .exited(0))
                    : table(entry).outcome(said: said, ended: .stopped(reason, .exited(0))))
        }
    }

    private func noteSpeech(_ open: [BatchMachine.Entry], _ ended: Ended, _ isNew: inout Bool) -> Bool {
        guard violation == nil else { return false }
        let cleanly = if case .exited(0) = ended { true } else { false }
        let ids = open.filter { $0.stop == nil }.map(\.id)
        let (before, after) = context.queue.speech { speech in
            (speech.isOneshot, speech.ended(replies: machine.replies, unanswered: ids, cleanly: cleanly))
        }
        isNew = after && !before
        return after
    }

    /// The host ended the process: because of one task, or because it stops.
    /// - Returns: the tasks that did nothing wrong and wait again.
    private func stopped(
        _ open: [BatchMachine.Entry], _ reason: StopReason, _ ended: Ended
    ) -> [BatchQueue.Item] {
        var back: [BatchQueue.Item] = []
        for entry in open {
            if reason == .shutdown || entry.id == machine.culprit {
                endWithoutReply(entry, ended)
            } else if let own = entry.stop {
                end(unstarted(entry, own), to: entry.pending.sink)
            } else {
                back.append(again(entry, isAlone: false))
            }
        }
        return back
    }

    /// The process ended by itself, or said what cannot be taken. Which of several tasks was at fault cannot be told:
    /// it may have begun them all. None of them loses an attempt, and each runs alone next.
    private func endedItself(_ open: [BatchMachine.Entry], _ ended: Ended) -> [BatchQueue.Item] {
        context.queue.suspect(open.map(\.id))
        guard open.count > 1 else {
            if let only = open.first { endWithoutReply(only, ended) }
            return []
        }
        let how =
            if let violation { violation.message } else { "it \(ended.text)" }
        return open.compactMap { entry in
            if let own = entry.stop {
                end(unstarted(entry, own), to: entry.pending.sink)
                return nil
            }
            var item = again(entry, isAlone: true)
            item.incidents.append(
                Incident(
                    kind: "batch_broken",
                    message:
                        "process \(child.pid) ended with \(open.count) of \(size) tasks unanswered, this one among "
                        + "them: \(how). It is run again alone, without an attempt spent"))
            return item
        }
    }

    private func again(_ entry: BatchMachine.Entry, isAlone: Bool) -> BatchQueue.Item {
        let pending = Lane.Pending(leased: entry.pending.leased, sink: entry.pending.sink, queuedAt: .now)
        return BatchQueue.Item(pending: pending, isAlone: isAlone, incidents: earlier[entry.id] ?? [])
    }

    /// The end of the process is the end of this task.
    private func endWithoutReply(_ entry: BatchMachine.Entry, _ ended: Ended) {
        let said =
            lastLine.map { ReplyReader.read($0, taskID: entry.id).said } ?? .nothing
        let result: Result<TaskResult, TaskFailure> =
            if let violation { .failure(violation) } else { table(entry).outcome(said: said, ended: ended) }
        end(
            entry,
            result.mapError { failure in
                var failure = LastWords.added(to: failure, said: said, standardError: errors.text)
                failure.standardErrorTail = errors.text
                return failure
            })
    }

    /// The outcome of a task that was to end and that the process had not begun.
    func unstarted(_ entry: BatchMachine.Entry, _ reason: StopReason) -> AttemptOutcome {
        switch reason {
        case .cancelled: .cancelledUnstarted(entry.pending.leased, worker: context.configuration.name)
        case .leaseLost: context.leaseEnded(entry.pending)
        case .deadline, .shutdown: context.interrupted(entry.pending, "the host stops; the task was not started")
        }
    }

    // MARK: Outcomes

    func end(_ entry: BatchMachine.Entry, _ result: Result<TaskResult, TaskFailure>) {
        var record = context.record(entry.pending, child.pid)
        record.startedAt = entry.turn?.at ?? startedAt
        record.endedAt = .now
        record.incidents = (earlier[entry.id] ?? []) + incidents
        incidents = []
        end(AttemptOutcome(leased: entry.pending.leased, result: result, record: record), to: entry.pending.sink)
    }

    func end(_ outcome: AttemptOutcome, to sink: any AttemptSink) {
        if let doneSink, doneSink !== sink { deliver() }
        doneSink = sink
        done.append(outcome)
    }

    /// Reports what has ended since the last time.
    func deliver() {
        guard let sink = doneSink, !done.isEmpty else { return }
        // First, so that whoever settles these finds the room that they leave.
        context.queue.setOpen(slot, machine.entries.count)
        sink.attemptsEnded(done)
        done.removeAll(keepingCapacity: true)
        doneSink = nil
    }
}
