/// A task without an id, which no host sends.
struct MissingIDCheck: ConformanceCheck {
    let name = "missing-id"
    let summary = "a task without 'id' is answered or refused"

    func tasks(_ subject: ConformanceSubject) -> Int { 1 }

    func run(on bench: ConformanceBench) -> ConformanceVerdict {
        var task = bench.validTask()
        task.id = nil
        return Refusal(what: "without 'id'", canCome: false).judge(bench.exchange(task), bench.subject)
    }
}
