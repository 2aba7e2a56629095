#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

// What comes from the process: replies, and lines for the log.
extension BatchRun {
    func drainOutput() {
        for _ in 0..<Self.readsPerRound where child.standardOutput >= 0 {
            let count = read(child.standardOutput, scratch.baseAddress, scratch.count)
            if count > 0 {
                output.append(UnsafeRawBufferPointer(rebasing: scratch[..<count]))
                while let frame = output.next() { take(frame, isLast: false) }
                if count < scratch.count, !machine.isOver { return }
            } else if count == 0 || (errno != EAGAIN && errno != EINTR) {
                child.closeOutput()
                if let last = output.finish() { take(last, isLast: true) }
                noteOutputEnd()
            } else {
                return
            }
        }
    }

    func drainErrors() {
        for _ in 0..<Self.readsPerRound where child.standardError >= 0 {
            let count = read(child.standardError, scratch.baseAddress, scratch.count)
            if count > 0 {
                let chunk = UnsafeRawBufferPointer(rebasing: scratch[..<count])
                errors.append(chunk)
                if context.services.passesOutput { passOn(errorLines.lines(of: chunk), from: .standardError) }
                if count < scratch.count, !machine.isOver { return }
            } else if count == 0 || (errno != EAGAIN && errno != EINTR) {
                child.closeError()
                noteOutputEnd()
            } else {
                return
            }
        }
    }

    private func noteOutputEnd() {
        guard child.standardOutput < 0, child.standardError < 0 else { return }
        act(machine.outputDidEnd())
    }

    private func take(_ frame: Frame, isLast: Bool) {
        let name = context.configuration.name
        switch frame {
        case .frame(let range):
            if case .reply(let id, let said) = output.withBytes(of: range, { PoolMessage.read($0) }) {
                return take(said, for: id)
            }
            if isLast { lastLine = output.bytes(of: range) }
            stray(range)
        case .overlong(let length):
            breakOff(
                TaskFailure(
                    kind: .resourceLimit(.replySize), type: "ReplyTooLarge",
                    message: "worker '\(name)' wrote a line of \(length) bytes to standard output, more than "
                        + "limits.max_reply_bytes (\(output.limit)): write large results to a file, or raise the limit"
                ))
        case .broken(let error):
            breakOff(
                TaskFailure(kind: .protocolViolation, type: "BrokenFrame", message: "worker '\(name)': \(error)"))
        }
    }

    /// Whose reply this was meant to be cannot be told: the process ends, and it is found out one by one.
    private func breakOff(_ failure: TaskFailure) {
        guard violation == nil, machine.stopReason == nil, !machine.entries.isEmpty else { return }
        violation = failure
        act(machine.stopAll(.deadline, hurry: true, .now))
    }

    private func take(_ said: Said, for id: String?) {
        releaseHeld()
        // A worker for one task that cannot read several may say so, and would fail the first for good.
        if id == nil, case .failure = said, machine.replies == 0, machine.entries.count > 1, !context.queue.isProven {
            held = said
            return
        }
        settle(said, for: id)
    }

    /// It says more, so it does speak of one task after the other.
    private func releaseHeld() {
        guard let said = held else { return }
        held = nil
        settle(said, for: nil)
    }

    func settle(_ said: Said, for id: String?) {
        guard let entry = machine.replied(to: id, .now) else { return ignored(id) }
        control.remove(entry.pending.leased)
        answered.insert(entry.id)
        // Of the first one only the sum with the start of the process is known.
        let ran = machine.replies > 1 ? entry.turn.map { $0.since.duration(to: .now) } : nil
        context.queue.answered(entry.id, ran: ran)
        if machine.replies == 2 { context.queue.speech { $0.prove() } }
        end(entry, outcome(of: entry, said))
        beginTurn()
    }

    private func ignored(_ id: String?) {
        let name = id.map { "task '\($0)'" } ?? "no task"
        let isSecond = id.map(answered.contains) ?? false
        note(
            isSecond ? "duplicate_reply" : "unknown_reply",
            isSecond
                ? "a second reply to \(name) was ignored"
                : "a reply to \(name), which is not open in this process, was ignored")
        passOn(["a reply to \(name), which is not open, is ignored"], from: .standardOutput)
    }

    private func outcome(of entry: BatchMachine.Entry, _ said: Said) -> Result<TaskResult, TaskFailure> {
        let table = table(entry)
        // What was to be ended has ended too late, whatever it says.
        if let reason = entry.stop ?? (entry.id == machine.culprit ? machine.stopReason : nil), reason != .shutdown {
            return table.outcome(said: said, ended: .stopped(reason, .exited(0)))
        }
        return table.outcome(said: said, ended: .exited(0))
    }

    func table(_ entry: BatchMachine.Entry) -> OutcomeTable {
        OutcomeTable(
            worker: context.configuration.name,
            limit: entry.turn?.limit ?? TimeLimit(duration: context.configuration.timeout))
    }

    private func stray(_ range: Range<Int>) {
        if !hasStrayLines {
            hasStrayLines = true
            note(
                "stray_output",
                "worker '\(context.configuration.name)' wrote lines that are no reply to standard output; they went to "
                    + "the log: print to standard error")
        }
        guard context.services.passesOutput else { return }
        let text = String(decoding: output.bytes(of: range).prefix(LineSplitter.maxLineBytes), as: UTF8.self)
        passOn([range.count > LineSplitter.maxLineBytes ? text + "… [cut]" : text], from: .standardOutput)
    }

    /// A line for the log. Which task it belongs to is not known; most likely to the one in turn.
    func passOn(_ lines: [String], from stream: WorkerOutput.Stream) {
        events.output(lines, from: stream, child.pid, machine.entries.first?.id ?? "")
    }
}
