/// A task with `{}` as its parameters.
struct EmptyParamsCheck: ConformanceCheck {
    let name = "empty-params"
    let summary = "a task with params {} is answered or refused"

    func tasks(_ subject: ConformanceSubject) -> Int { 1 }

    func run(on bench: ConformanceBench) -> ConformanceVerdict {
        var task = bench.validTask()
        task.params = RawJSON.emptyObject.bytes
        return Refusal(what: "params {}", canCome: !Self.isRefusedByHost(bench.subject))
            .judge(bench.exchange(task), bench.subject)
    }

    /// Whether the worker's schema keeps such a task from it.
    private static func isRefusedByHost(_ subject: ConformanceSubject) -> Bool {
        guard let schema = subject.configuration.schema else { return false }
        do throws(ParameterSchemaError) {
            return try !ParameterSchema(schema).violations(in: .emptyObject).isEmpty
        } catch {
            // Whoever loads the configuration tells what is wrong with the schema.
            return false
        }
    }
}
