/// Input that is no task: broken JSON, and none at all.
struct InvalidInputCheck: ConformanceCheck {
    let name = "invalid-input"
    let summary = "input that cannot be read is refused for good, without a hang or a traceback"
    let needsSecondTask = true

    func tasks(_ subject: ConformanceSubject) -> Int { subject.isPool ? 2 : subject.isOneshot ? 2 : 1 }

    func run(on bench: ConformanceBench) -> ConformanceVerdict {
        if bench.subject.isPool { return inPool(bench) }
        let broken = Array(#"{"id":"check-worker","type":"#.utf8)
        bench.given += 1
        var verdicts = [judge(bench.exchange(bytes: broken + [0x0A], taskID: nil), "half a JSON document", bench)]
        if bench.subject.isOneshot {
            bench.given += 1
            verdicts.append(judge(bench.exchange(bytes: [], taskID: nil), "no input at all", bench))
        }
        return .worst(verdicts, otherwise: .ok(verdicts.map(\.message).joined(separator: "; ")))
    }

    private func judge(_ exchange: Exchange, _ what: String, _ bench: ConformanceBench) -> ConformanceVerdict {
        switch exchange.answer {
        case .success:
            return .failed(
                "\(what): it replied success", "Reply failure, or end with exit code 2, where no task could be read.")
        case .failure(let reply) where !reply.isFinal && exchange.end?.exitCode != 2:
            return .warning(
                "\(what): it \(exchange.text), and lets the task be tried again",
                "Say \"retry_possible\": false: the same bytes come again.")
        case .exit(let code) where code != 2 && code != 3:
            return .warning(
                "\(what): it \(exchange.text)",
                "Catch the parser's error and end with exit code 2: the same bytes would come again.")
        case .silence where !bench.subject.isOneshot: return .ok("\(what): it was passed over")
        default: return Refusal(what: what, canCome: false).judge(exchange, bench.subject)
        }
    }

    /// A frame that cannot be read, and a task behind it.
    private func inPool(_ bench: ConformanceBench) -> ConformanceVerdict {
        let session: ConformanceSession
        switch bench.start() {
        case .success(let started): session = started
        case .failure(let error): return .skipped(error.description)
        }
        let what = bench.subject.isMessagePack ? "a frame that is no MessagePack" : "a line that is no JSON"
        bench.given += 1
        session.send(
            bench.subject.isMessagePack ? TaskText.prefixed([0xC1, 0xC1]) : Array("{\"id\":\"check-worker\",\n".utf8))
        let task = bench.validTask()
        bench.give(task, to: session)
        let answered = session.wait(until: bench.deadline) {
            session.replies.contains { $0.id == task.id || $0.isSuccess } || session.replies.count > 1
                || session.hasExited
        }
        let isServing = answered && !session.hasExited
        let end = bench.finish(session)
        if isServing { return .ok("\(what): the task behind it was answered") }
        guard answered else {
            return .failed(
                "\(what): nothing came to the task behind it",
                "Refuse or pass over what cannot be read, and go on with the next; or end with exit code 2.")
        }
        if end.exitCode == 0 || end.exitCode == 2 { return .ok("\(what): it ended with \(end.text)") }
        return .warning(
            "\(what): it ended with \(end.text)\(end.lastWords)",
            "Pass over what cannot be read, or say so on standard error and end with exit code 2.")
    }
}
