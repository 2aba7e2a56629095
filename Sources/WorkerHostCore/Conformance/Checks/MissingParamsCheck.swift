/// Tasks whose parameters are null, or not there: no host sends them.
struct MissingParamsCheck: ConformanceCheck {
    let name = "missing-params"
    let summary = "a task with params null, or without params, is answered or refused"

    func tasks(_ subject: ConformanceSubject) -> Int { 2 }

    func run(on bench: ConformanceBench) -> ConformanceVerdict {
        var verdicts: [ConformanceVerdict] = []
        for (what, params) in [("params null", RawJSON.null.bytes), ("no params", nil)] {
            var task = bench.validTask()
            task.params = params
            verdicts.append(Refusal(what: what, canCome: false).judge(bench.exchange(task), bench.subject))
        }
        return .worst(verdicts, otherwise: .ok(verdicts.map(\.message).joined(separator: "; ")))
    }
}
