/// A task that is much larger than a pipe.
struct LargeParamsCheck: ConformanceCheck {
    /// In bytes.
    static let size = 10 << 20

    let name = "large-params"
    let summary = "a task with 10 MiB of params is answered or refused"

    func tasks(_ subject: ConformanceSubject) -> Int { 1 }

    func run(on bench: ConformanceBench) -> ConformanceVerdict {
        var task = bench.validTask()
        let padding = [0x22] + [UInt8](repeating: UInt8(ascii: "x"), count: Self.size) + [0x22]
        task.params = ParamsText(bench.subject.task.params).adding("workerhost_check", padding)
        let exchange = bench.exchange(task)
        if exchange.brokenOutput != nil {
            return .warning(
                "10 MiB of params: it replied with more than limits.max_reply_bytes",
                "Do not send back what the task brought: a task whose reply is too large fails for good.")
        }
        let isAnswered = exchange.reply != nil && exchange.isAnswered
        if !isAnswered, bench.valid.reply != nil, case .exit = exchange.answer {
            return .failed("10 MiB of params: it \(exchange.text)", Self.advice(bench.subject))
        }
        let verdict = Refusal(what: "10 MiB of params", canCome: true).judge(exchange, bench.subject)
        if verdict.status == .failed { return .failed(verdict.message, Self.advice(bench.subject)) }
        let time = exchange.replyAfter.map { " after \(DoctorText.duration($0))" } ?? ""
        return verdict.status == .ok ? .ok(verdict.message + time) : verdict
    }

    private static func advice(_ subject: ConformanceSubject) -> String {
        let memory = subject.configuration.limits.maxMemoryMiB.map { " It has limits.max_memory_mb: \($0)." } ?? ""
        return "Read standard input until the task is whole (a pipe holds 64 KiB), and do not put it into arguments or "
            + "variables of other programs, which have at most 128 KiB.\(memory)"
    }
}
