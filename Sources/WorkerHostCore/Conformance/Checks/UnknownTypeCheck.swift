/// A task of a type that the worker does not know.
struct UnknownTypeCheck: ConformanceCheck {
    static let type = "WorkerHost.Check.NoSuchType"

    let name = "unknown-type"
    let summary = "a task of an unknown type is answered or refused"

    func tasks(_ subject: ConformanceSubject) -> Int { 1 }

    func reasonToSkip(_ subject: ConformanceSubject) -> String? {
        TaskTypeSelection(subject.configuration.taskTypes).matches(Self.type)
            ? "the worker's task_types select every type" : nil
    }

    func run(on bench: ConformanceBench) -> ConformanceVerdict {
        var task = bench.validTask()
        task.type = Self.type
        let exchange = bench.exchange(task)
        let types = bench.subject.configuration.taskTypes
        if exchange.isSuccess, types.count > 1 {
            return .warning(
                "it has \(types.count) task types, and does a task of a type that is none of them",
                "Look at 'type' and refuse what is unknown with \"retry_possible\": false: else a slip in task_types runs "
                    + "the wrong work.")
        }
        return Refusal(what: "a type that it does not have", canCome: false).judge(exchange, bench.subject)
    }
}
