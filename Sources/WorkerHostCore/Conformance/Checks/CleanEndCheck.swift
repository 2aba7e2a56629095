/// The process ends by itself after its work, and leaves nothing running.
struct CleanEndCheck: ConformanceCheck {
    let name = "clean-end"
    let summary = "after the reply the process ends by itself and leaves nothing running"
    let needsAnswer = false

    func tasks(_ subject: ConformanceSubject) -> Int { 0 }

    func run(on bench: ConformanceBench) -> ConformanceVerdict {
        let exchange = bench.valid
        guard let end = exchange.end, exchange.reply != nil || exchange.isAnswered else {
            return .skipped("the valid task was not answered")
        }
        if !bench.subject.isPool, !end.isOwn {
            return .failed(
                "it replied after \(DoctorText.duration(exchange.replyAfter ?? .zero)) and did not end; a host waits for "
                    + "the end, and would report a time-out",
                "Something keeps it alive: a thread that is no daemon, an open connection or timer. Close it, or end the "
                    + "process after the reply (flush standard output first).")
        }
        if !end.leftovers.isEmpty {
            return .failed(
                "it left \(DoctorText.count(end.leftovers.count, "process", "processes")) running: "
                    + DoctorText.list(end.leftovers.map { String($0.prefix(60)) }, most: 3),
                "They are killed when the task ends. Wait for what the task needs; what is to live on must be started by "
                    + "a service manager.")
        }
        if end.heldOutput {
            return .failed(
                "it had ended, and something still held its standard output",
                "Wait for what the worker starts, or give it </dev/null >&2: a host waits for such a pipe after every "
                    + "task.")
        }
        guard bench.subject.isPool else { return .ok("ended by itself, \(end.text), and left nothing running") }
        return .ok("left nothing running")
    }
}
