/// A task with members that this version of the protocol does not have.
struct UnknownMembersCheck: ConformanceCheck {
    let name = "unknown-members"
    let summary = "members of a task that it does not know do not disturb it"

    func tasks(_ subject: ConformanceSubject) -> Int { 1 }

    func run(on bench: ConformanceBench) -> ConformanceVerdict {
        var task = bench.validTask()
        task.hasUnknownMembers = true
        let exchange = bench.exchange(task)
        guard bench.valid.isSuccess, !exchange.isSuccess else {
            let verdict = Refusal(what: "members of the future", canCome: false).judge(exchange, bench.subject)
            return verdict.status == .ok ? .ok("members that it does not know: it \(exchange.text)") : verdict
        }
        return .failed(
            "with members of a later version in the task it \(exchange.text), and replied success without them",
            "Ignore members of the task and of its metadata that you do not know: more may come.")
    }
}
