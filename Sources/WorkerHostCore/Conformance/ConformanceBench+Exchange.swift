extension ConformanceBench {
    /// Gives one task to a process of its own and stays with it to its end.
    /// - Parameter measuresReading: holds the input open until the task was read, to see when that was.
    func exchange(
        _ task: TaskText, environment: [String: String]? = nil, inheriting inherited: [String] = [],
        measuresReading: Bool = false
    ) -> Exchange {
        let frame: [UInt8]
        do throws(MessagePackEncodingError) {
            frame = try task.frame(subject)
        } catch {
            return notGiven("its params cannot be written as MessagePack: \(error)", task)
        }
        given += 1
        return exchange(bytes: frame, taskID: task.id, environment, inherited, measuresReading)
    }

    /// The same with any bytes in place of a task.
    func exchange(
        bytes: [UInt8], taskID: String?, _ environment: [String: String]? = nil, _ inherited: [String] = [],
        _ measuresReading: Bool = false
    ) -> Exchange {
        let session: ConformanceSession
        switch start(environment: environment, inheriting: inherited) {
        case .success(let started): session = started
        case .failure(let error): return notGiven(error.description, nil)
        }
        session.send(bytes)
        var readAfter: Duration?
        if measuresReading {
            let half = MonotonicTime.now.advanced(by: timeout / 2)
            if session.wait(until: min(half, deadline), pause: 1, for: { session.unreadCount == 0 }) {
                readAfter = session.now
            }
        }
        var exchange =
            subject.isPool
            ? inPool(session, taskID) : subject.isOneshot ? alone(session, taskID) : inBatch(session, taskID)
        exchange.readAfter = readAfter
        return exchange
    }

    private func notGiven(_ reason: String, _ task: TaskText?) -> Exchange {
        Exchange(taskID: task?.id, answer: .notGiven(reason), strayLines: [], brokenOutput: nil, end: nil)
    }

    /// A process for one task: its end decides.
    private func alone(_ session: ConformanceSession, _ taskID: String?) -> Exchange {
        session.closeInput()
        waitForEnd(session)
        let end = finish(session)
        let document = session.document
        let read = ReplyReader.read(document ?? [], taskID: taskID ?? "")
        var reply: ConformanceReply?
        if let range = read.reply, let bytes = document?[range] {
            do throws(JSONError) {
                if case .object(let members) = try JSONValue(RawJSON(unchecked: Array(bytes))) {
                    reply = ConformanceReply(members, size: range.count, at: session.lastByteAt ?? end.at)
                }
            } catch {
                // The reader has accepted these bytes already.
                reply = nil
            }
        }
        if let reply {
            shapes.look(at: reply, subject)
            if let code = end.exitCode, end.isOwn { exits.look(at: reply, code: code) }
        }
        let strays = read.stray.flatMap { range in
            String(decoding: (document ?? [])[range], as: UTF8.self).split(whereSeparator: \.isNewline).map(String.init)
        }
        var exchange = Exchange(
            taskID: taskID, answer: answer(reply, taskID, end, strays.first ?? ""),
            strayLines: reply == nil ? [] : strays.filter { !$0.allSatisfy(\.isWhitespace) },
            brokenOutput: document == nil
                ? "more than \(subject.configuration.limits.maxReplyBytes) bytes (limits.max_reply_bytes)" : nil,
            end: end)
        exchange.replyAfter = reply?.at
        return exchange
    }

    /// Until it has ended, or has said nothing more for half of the time after it had answered.
    func waitForEnd(_ session: ConformanceSession) {
        let patience = timeout / 2
        session.wait(until: deadline) {
            guard let last = session.lastByteAt, session.now - last > patience else { return false }
            return session.hasReplied
        }
    }

    /// A process that serves until its input ends.
    private func inPool(_ session: ConformanceSession, _ taskID: String?) -> Exchange {
        let half = MonotonicTime.now.advanced(by: timeout / 2)
        let cameByItself = session.wait(until: min(half, deadline)) { !session.replies.isEmpty || session.isBroken }
        session.closeInput()
        if !cameByItself { session.wait(until: deadline) { !session.replies.isEmpty } }
        // How it ends is another check's concern; what it says meanwhile counts.
        let patience = MonotonicTime.now.advanced(by: min(.seconds(1), timeout))
        session.wait(until: patience)
        var exchange = framed(session, taskID)
        exchange.answeredAtEndOnly = !cameByItself && exchange.reply != nil
        return exchange
    }

    /// A process for a batch of one.
    private func inBatch(_ session: ConformanceSession, _ taskID: String?) -> Exchange {
        session.closeInput()
        waitForEnd(session)
        return framed(session, taskID)
    }

    private func framed(_ session: ConformanceSession, _ taskID: String?) -> Exchange {
        let end = finish(session)
        let reply = session.replies.first
        let strays = session.strayLines
        var exchange = Exchange(
            taskID: taskID, answer: answer(reply, taskID, end, strays.first ?? session.brokenText ?? ""),
            strayLines: reply == nil ? [] : strays, brokenOutput: session.brokenText, end: end)
        exchange.replyCount = session.replies.count
        exchange.replyAfter = reply?.at
        exchange.saidReady = session.readyAt.map { $0 < reply?.at ?? .zero } ?? false
        return exchange
    }

    private func answer(
        _ reply: ConformanceReply?, _ taskID: String?, _ end: SessionEnd, _ written: String
    ) -> Exchange.Answer {
        if let reply {
            if let id = reply.id, let taskID, id != taskID { return .wrongTask(reply) }
            return reply.isSuccess ? .success(reply) : .failure(reply)
        }
        guard end.isOwn else { return .overdue }
        switch end.ending {
        case .signaled(let signal)?: return .crash(signal)
        case .exited(0)?, .unknown?, nil: return .silence(written)
        case .exited(let code)?: return .exit(code)
        }
    }
}

extension ConformanceSession {
    /// Whether a reply came, whole as far as can be seen.
    var hasReplied: Bool {
        !replies.isEmpty || document.map { ReplyReader.read($0, taskID: "").reply != nil } ?? false
    }

    var strayLines: [String] {
        messages.compactMap { message in
            if case .stray(let text) = message.content { text } else { nil }
        }
    }

    /// Why its output cannot be understood from some place on.
    var brokenText: String? {
        for case .broken(let text) in messages.map(\.content) { return text }
        return nil
    }

    var isBroken: Bool { brokenText != nil }

    /// When it first said that it was ready.
    var readyAt: Duration? {
        for message in messages { if case .ready = message.content { return message.at } }
        return nil
    }
}
