/// Judges what a worker makes of a task that it may refuse: any answer will do that a host understands.
struct Refusal {
    /// What the task was, for sentences: `a task with empty params`.
    let what: String
    /// Whether such a task can reach the worker, so that it matters that it is not tried again for nothing.
    let canCome: Bool

    func judge(_ exchange: Exchange, _ subject: ConformanceSubject) -> ConformanceVerdict {
        switch exchange.answer {
        case .success, .failure:
            if subject.isPool, let end = exchange.end, !end.isOwn || end.exitCode != 0, end.signals.isEmpty {
                return died(exchange, end)
            }
            return .ok("\(what): it \(exchange.text)")
        case .wrongTask:
            return .failed(
                "\(what): it \(exchange.text)", "Send back the 'id' of the task that was read, and no other.")
        case .exit(let code): return exited(exchange, code, subject)
        case .silence:
            return .failed(
                "\(what): it \(exchange.text)",
                "Reply with \"success\": false and an error, or end with an exit code that is not 0: 2 where another "
                    + "try cannot help.")
        case .crash:
            return .failed(
                "\(what): it \(exchange.text)",
                "Check what the task holds before using it. For a trace of the crash: 'workerhost exec --debugger gdb'."
            )
        case .overdue:
            return .failed(
                "\(what): it \(exchange.text)",
                "Answer what cannot be done with \"success\": false and \"retry_possible\": false; do not wait for more "
                    + "input than came.")
        case .notGiven(let reason): return .skipped("\(what): \(reason)")
        }
    }

    private func exited(_ exchange: Exchange, _ code: Int32, _ subject: ConformanceSubject) -> ConformanceVerdict {
        if subject.isPool {
            guard canCome else { return .ok("\(what): it \(exchange.text)") }
            return .warning(
                "\(what): it \(exchange.text)",
                "Catch what goes wrong with one task and reply \"success\": false: a process of a pool that ends takes "
                    + "its start-up with it, and the task is tried again.")
        }
        guard canCome, code != 2, code != 3 else { return .ok("\(what): it \(exchange.text)") }
        return .warning(
            "\(what): it \(exchange.text): the task is tried \(subject.configuration.retry.maxAttempts) times though it "
                + "cannot get better",
            "Check the params first, and answer with exit code 2 or \"retry_possible\": false.")
    }

    private func died(_ exchange: Exchange, _ end: SessionEnd) -> ConformanceVerdict {
        .warning(
            "\(what): it \(exchange.text), and ended with \(end.text)\(end.lastWords)",
            "A process of a pool goes on after a task that failed; end with 0 when the input ends.")
    }
}
