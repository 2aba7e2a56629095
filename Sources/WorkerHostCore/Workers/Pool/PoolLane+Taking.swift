#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

// What comes from the process: frames, and lines on standard error.
extension PoolLane {
    func drainOutput() {
        for _ in 0..<Self.readsPerRound where child.standardOutput >= 0 {
            let count = read(child.standardOutput, scratch.baseAddress, scratch.count)
            if count > 0 {
                output.append(UnsafeRawBufferPointer(rebasing: scratch[..<count]))
                takeFrames()
                noteRunTimes()
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

    /// Of tasks whose replies came together only the mean is known. A few are gathered, for to ask for the process's wait
    /// costs as much as a tenth of a task.
    func noteRunTimes() {
        guard measured.count >= 8 || measured.nanoseconds >= 1_000_000 else { return }
        let use = workerUse.sinceLast()
        // Theirs and ours: a reply that lies in the pipe is late for both.
        let waited = use.waited + laneUse.sinceLast().waited
        let sum = max(1, measured.nanoseconds - waited)
        context.members.note(
            mean: .nanoseconds(sum / measured.count), longest: .nanoseconds(max(0, measured.longest - waited)),
            busy: min(1, Double(use.ran) / Double(sum)))
        measured = (0, 0, 0)
    }

    func takeFrames() {
        while let frame = output.next() { take(frame) }
    }

    func take(_ frame: Frame) {
        switch frame {
        case .frame(let range):
            take(output.withBytes(of: range) { PoolMessage.read($0, frames.format, most: output.limit) }, range)
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
    func breakOff(_ failure: TaskFailure) {
        violation = violation ?? failure
        act(machine.stopAll(.deadline, hurry: true, .now))
    }

    func take(_ message: PoolMessage, _ range: Range<Int>) {
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
            guard let leased = open(id) else { return }
            events.append(.progress(leased.task, percent: percent, message: message))
            context.services.progressed(leased, percent, message)
        case .log(let id, let level, let message): passOn(["\(level) \(message)"], from: .standardError, id)
        case .unreadable(let id, let reason):
            signOfLife(width: machine.width)
            unreadable(
                id,
                TaskFailure(
                    kind: .protocolViolation, type: "UnreadableReply",
                    message: "the reply of worker '\(context.configuration.name)' cannot be taken: \(reason)"))
        case .tooLong(let id, let place):
            signOfLife(width: machine.width)
            unreadable(
                id,
                TaskFailure(
                    kind: .resourceLimit(.replySize), type: "ReplyTooLarge",
                    message: "the reply of worker '\(context.configuration.name)' is over limits.max_reply_bytes: "
                        + "\(place). Write large results to a file, or raise the limit"))
        case .stray:
            guard context.services.passesOutput else { return }
            passOn([String(decoding: output.bytes(of: range).prefix(8192), as: UTF8.self)], from: .standardOutput, nil)
        }
    }

    func signOfLife(width: Int) {
        guard !machine.isReady else { return }
        machine.becameReady(width: width, .now, at: .now)
        retirement.becameReady(.now)
        context.members.becameReady(id)
    }

    func open(_ id: String?) -> LeasedTask? {
        guard let id else { return machine.entries.first?.pending.leased }
        return machine.entries.first { $0.pending.leased.task.id == id }?.pending.leased
    }

    func reply(_ id: String?, _ said: Said, isMeasured: Bool) {
        guard let entry = machine.replied(to: id) else {
            passOn(["a reply to task \(id ?? "?"), which is not open, is ignored"], from: .standardOutput, id)
            return
        }
        let turn = entry.turn
        if isMeasured, let turn {
            let ran = MonotonicTime.now.nanoseconds - turn.since.nanoseconds
            measured.nanoseconds += ran
            measured.longest = max(measured.longest, ran)
            measured.count += 1
        }
        hasProgressed = true
        retirement.tookReply()
        if retirement.replies == 2 { context.speaks.noteSecondReply() }
        var record = context.record(entry.pending, child.pid)
        record.startedAt = turn?.at ?? .now
        record.endedAt = .now
        if !incidents.isEmpty { (record.incidents, incidents) = (incidents, []) }
        end(entry.pending, outcome(of: entry, said), record: record)
        beginTurns()
    }

    func unreadable(_ id: String?, _ failure: TaskFailure) {
        guard id != nil, let entry = machine.replied(to: id) else {
            return passOn(["a message that cannot be read is ignored: \(failure.message)"], from: .standardOutput, id)
        }
        retirement.tookReply()
        var record = context.record(entry.pending, child.pid)
        record.startedAt = entry.turn?.at ?? .now
        record.endedAt = .now
        end(entry.pending, .failure(failure), record: record)
        beginTurns()
    }

    func outcome(of entry: PipelineMachine.Entry, _ said: Said) -> Result<TaskResult, TaskFailure> {
        let limit = entry.turn?.limit ?? TimeLimit(duration: context.configuration.timeout)
        let table = OutcomeTable(worker: context.configuration.name, limit: limit)
        // What was to be ended has ended too late, whatever it says.
        if let reason = entry.stop ?? (isCulprit(entry) ? machine.stopReason : nil), reason != .shutdown {
            return table.outcome(said: said, ended: .stopped(reason, .exited(0)))
        }
        return table.outcome(said: said, ended: .exited(0))
    }

    func isCulprit(_ entry: PipelineMachine.Entry) -> Bool {
        entry.turn != nil && machine.culprit == entry.pending.leased.task.id
    }

    func drainErrors() {
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

    func passOn(_ lines: [String], from stream: WorkerOutput.Stream, _ id: String?) {
        guard context.services.passesOutput, !lines.isEmpty else { return }
        let task = id ?? machine.entries.first?.pending.leased.task.id ?? ""
        tellEvents()
        context.services.emit([
            .output(WorkerOutput(worker: identity, taskID: task, stream: stream, lines: lines))
        ])
    }
}
