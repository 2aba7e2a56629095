/// Messages of the host that are no tasks.
struct UnknownControlCheck: ConformanceCheck {
    let name = "control"
    let summary = "control messages that it does not know, or that come too late, are passed over"
    let needsSecondTask = true

    func tasks(_ subject: ConformanceSubject) -> Int { 1 }

    func reasonToSkip(_ subject: ConformanceSubject) -> String? {
        subject.isPool ? nil : "only for mode: pool"
    }

    func run(on bench: ConformanceBench) -> ConformanceVerdict {
        guard case .success(let session) = bench.start() else { return .skipped("it could not be started") }
        for message in [#"{"control":"workerhost-check"}"#, #"{"control":"cancel","id":"workerhost-check-over"}"#] {
            send(message, to: session, bench.subject)
        }
        let task = bench.validTask()
        bench.give(task, to: session)
        // Of a worker that sends no ids the first reply is the task's.
        let id = bench.valid.reply?.id == nil ? nil : task.id
        session.wait(until: bench.deadline) { session.replies.contains { $0.id == id } || session.hasExited }
        let replies = session.replies
        let end = bench.finish(session)
        let advice =
            "Pass over every message with a 'control' that you do not know, and a cancel of a task that is over: a host "
            + "sends cancel, and later ones may send more."
        guard replies.contains(where: { $0.id == id }) else {
            return .failed(
                end.isOwn
                    ? "a control message ended it, with \(end.text)\(end.lastWords)"
                    : "after a control message that it does not know no task was answered", advice)
        }
        if replies.count > 1 {
            return .warning("it replied to a control message (\(replies[0].errorText))", advice)
        }
        return .ok("unknown and late control messages are passed over")
    }

    private func send(_ json: String, to session: ConformanceSession, _ subject: ConformanceSubject) {
        guard subject.isMessagePack else { return session.send(Array("\(json)\n".utf8)) }
        do throws(MessagePackEncodingError) {
            session.send(try TaskText.messagePack(Array(json.utf8)))
        } catch {
            // It holds nothing that MessagePack could not.
            session.closeInput()
        }
    }
}
