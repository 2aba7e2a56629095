import WorkerHostCore
import WorkerHostSQLite

/// A task of the queue as JSON and as words.
enum StoredTaskText {
    /// All that is known about the task, as one JSON object; params and result byte for byte.
    static func json(_ task: StoredTask) -> JSONObjectText {
        var object = JSONObjectText()
        object.text("id", task.id)
        object.text("type", task.type)
        object.text("status", task.status.rawValue)
        object.number("attempts", task.attempts)
        object.raw("result", task.result)
        object.raw("error", bytes: task.status == .completed ? RawJSON.null.bytes : error(task))
        object.raw("params", task.params)
        object.number("priority", task.priority)
        object.text("dedupe_key", task.dedupeKey)
        object.time("created_at", task.createdAt)
        object.time("not_before", task.notBefore)
        object.time("deadline", task.deadline)
        object.time("started_at", task.startedAt)
        object.time("finished_at", task.finishedAt)
        object.text("worker", task.worker)
        object.number("pid", task.pid)
        object.number("deaths", task.deaths)
        object.text("lease_owner", task.leaseOwner)
        object.time("lease_expires_at", task.leaseExpiresAt)
        if let progress = task.progress {
            object.object("progress") {
                $0.number("percent", progress.percent)
                $0.text("message", progress.message)
                $0.time("at", progress.at)
            }
        } else {
            object.raw("progress", nil)
        }
        object.raw("logs", task.logs)
        object.text("trace_parent", task.traceParent)
        object.raw("extra", task.extra)
        if let usage = task.usage {
            object.object("usage") {
                $0.seconds("user_seconds", usage.userTime)
                $0.seconds("system_seconds", usage.systemTime)
                if let peak = usage.peakMemory { $0.number("peak_memory_bytes", Int(peak)) }
            }
        } else {
            object.raw("usage", nil)
        }
        return object
    }

    /// A failure as a JSON object, or null.
    static func error(_ task: StoredTask) -> [UInt8] { error(task.failure, advice: advice(task)) }

    /// A failure as a JSON object, or null.
    static func error(_ failure: StoredTask.Failure?, advice: String?) -> [UInt8] {
        guard let failure else { return RawJSON.null.bytes }
        var object = JSONObjectText()
        object.text("kind", failure.kind)
        object.text("type", failure.type)
        object.text("message", failure.message)
        object.text("traceback", failure.traceback)
        object.number("exit_code", failure.exitCode)
        object.text("stderr", failure.standardErrorTail)
        object.text("advice", advice)
        return object.finished
    }

    /// What to do about a task's failure; nil if it has none.
    static func advice(_ task: StoredTask) -> String? {
        task.failure.map {
            FailureAdvice.nextStep(
                afterKindNamed: $0.kind, type: $0.type, worker: task.worker.flatMap { $0.isEmpty ? nil : $0 })
        }
    }

    /// The colour of a state.
    static func colour(_ status: String) -> Colour? {
        switch StoredTask.Status(rawValue: status) {
        case .completed: .green
        case .failed: .red
        case .running: .blue
        case .pending: .yellow
        case nil: nil
        }
    }

    /// `40 %: parsed`
    static func progress(_ progress: StoredTask.Progress) -> String {
        "\(progress.percent) %\(progress.message.map { ": \($0)" } ?? "")"
    }

    /// The result, the error or the progress in one line, for tables.
    static func outcome(_ task: StoredTask) -> String {
        if task.status == .completed { return String(decoding: (task.result?.bytes ?? []).prefix(400), as: UTF8.self) }
        if let progress = task.progress { return self.progress(progress) }
        return task.failure.map { "\($0.type): \($0.message)" } ?? ""
    }
}
