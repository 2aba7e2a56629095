/// What is wrong with a task before it is run.
enum TaskCheck {
    /// The failure to report without starting a process; nil if the task may run.
    static func failure(of leased: LeasedTask, _ proxy: WorkerProxy) -> TaskFailure? {
        let task = leased.task
        guard proxy.worker.canHandle(task.type) else {
            return TaskFailure(
                kind: .noWorker, type: "NoWorker",
                message: "no worker is configured for the type '\(task.type)': add it to task_types of one")
        }
        guard task.params.isObject else {
            return TaskFailure(
                kind: .invalidParameters, type: "InvalidParameters",
                message: "params must be a JSON object like {\"key\":\"value\"}, but are: "
                    + String(task.params.text.prefix(80)))
        }
        let violations = proxy.schema?.violations(in: task.params) ?? []
        guard violations.isEmpty else {
            return TaskFailure(
                kind: .invalidParameters, type: "InvalidParameters",
                message: "params break the schema of worker '\(proxy.configuration.name)': "
                    + violations.joined(separator: "; "))
        }
        if task.metadata.attempt > proxy.configuration.retry.maxAttempts, !proxy.reportsEachFailure {
            return TaskFailure(
                kind: .permanent, type: "AttemptsExhausted",
                message: "all \(proxy.configuration.retry.maxAttempts) attempts of worker "
                    + "'\(proxy.configuration.name)' are spent, and none was reported: each time the host or the "
                    + "worker died. Look at the timeline before you submit it again")
        }
        if let deadline = task.metadata.deadline, deadline <= .now {
            return TaskFailure(
                kind: .timeout, type: "Expired",
                message: "the task's deadline (\(deadline)) had passed before worker "
                    + "'\(proxy.configuration.name)' was free: give it a later one, or run more at once")
        }
        return nil
    }
}
