/// The task that the worker is there for: it is answered.
struct ValidTaskCheck: ConformanceCheck {
    let name = "valid-task"
    let summary = "a valid task gets a reply"
    let needsAnswer = false

    func tasks(_ subject: ConformanceSubject) -> Int { 1 }

    func run(on bench: ConformanceBench) -> ConformanceVerdict {
        let exchange = bench.valid
        let subject = bench.subject
        if exchange.answeredAtEndOnly { return answersAtEndOnly(exchange) }
        if exchange.replyCount > 1 {
            return .failed(
                "it replied \(exchange.replyCount) times to one task",
                "Write one reply for each task; a second one is ignored, or taken for that of another task.")
        }
        switch exchange.answer {
        case .success:
            return .ok("\(exchange.text) after \(DoctorText.duration(exchange.replyAfter ?? .zero))")
        case .failure:
            var verdict = ConformanceVerdict.ok(
                "\(exchange.text): well-formed, but --params with a task that succeeds would try more")
            verdict.facts["refused"] = .flag(true)
            return verdict
        case .exit where subject.isOneshot:
            return .ok(
                "\(exchange.text): a failure that a host understands, but --params with a task that succeeds "
                    + "would try more")
        case .wrongTask:
            return .failed(
                "it \(exchange.text)", "Send back the 'id' of the task that was read, or leave it out.")
        case .exit, .silence: return noReply(exchange, subject)
        case .crash:
            return .failed(
                "it \(exchange.text)", "Look at it under a debugger: 'workerhost exec --debugger gdb'.")
        case .overdue: return overdue(exchange, bench)
        case .notGiven(let reason):
            return .failed(
                reason, "'workerhost doctor --worker \(subject.configuration.name)' looks at why, without a task.")
        }
    }

    private func answersAtEndOnly(_ exchange: Exchange) -> ConformanceVerdict {
        .failed(
            "it replied only when its input had ended: in a pool that never comes",
            "Read one line (of MessagePack: one frame) at a time and flush each reply, or set mode: oneshot. A host runs "
                + "it as oneshot, with a warning.")
    }

    private func noReply(_ exchange: Exchange, _ subject: ConformanceSubject) -> ConformanceVerdict {
        if let broken = exchange.brokenOutput { return .failed("its output: \(broken)", brokenAdvice(subject)) }
        if case .silence(let written) = exchange.answer, !written.isEmpty, written.contains("\"success\"") {
            return .failed(
                "it \(exchange.text)",
                "The reply must stand alone on its line: print other things to standard error, and end every line.")
        }
        return .failed(
            "it \(exchange.text)",
            "Write one JSON object with \"success\": true or false on \(subject.isOneshot ? "the last line" : "a line") "
                + "of standard output, and flush it.")
    }

    private func overdue(_ exchange: Exchange, _ bench: ConformanceBench) -> ConformanceVerdict {
        if let broken = exchange.brokenOutput { return .failed("its output: \(broken)", brokenAdvice(bench.subject)) }
        let advice =
            bench.subject.isPool
            ? "Read one line (of MessagePack: one frame) at a time, reply, and flush standard output after each reply."
            : "Read the task to the end of the input, reply, and end."
        return .failed(
            "no reply within \(DoctorText.duration(bench.timeout))\(exchange.end?.lastWords ?? "")",
            "\(advice) If the task takes that long: --timeout, or --params with a shorter one.")
    }

    private func brokenAdvice(_ subject: ConformanceSubject) -> String {
        subject.isMessagePack
            ? "With format: msgpack every reply is four bytes of length, the highest first, and a MessagePack map, and "
                + "nothing else goes to standard output. WORKERHOST_FORMAT tells the worker; set format: json if it "
                + "speaks JSON only."
            : "Write large results to a file, or raise limits.max_reply_bytes."
    }
}
