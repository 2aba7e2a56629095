import WorkerHostCore
import WorkerHostSQLite

/// What is said of tasks that were to be cancelled.
struct CancelWording {
    let hosts: [QueueOverview.HostOverview]
    /// The ids of hosts that are known to live.
    let living: Set<String>

    /// One task for people.
    /// - Parameter ended: the task as it ended, if that was waited for.
    func line(_ outcome: CancelOutcome, _ ended: StoredTask?) -> String {
        let id = PlainText.singleLine(outcome.id)
        if let ended { return end(ended) }
        switch outcome.result {
        case .unknownTask: return "there is no task '\(id)' in the queue"
        case .cancelled: return "Task \(id) is cancelled and never runs."
        case .finished(let status): return "Task \(id) is \(status.rawValue) already: left as it is."
        case .requested(_, let isNew):
            let text = isNew ? "Task \(id) is being ended by \(place(outcome))." : "Task \(id) was cancelled before."
            return [text, hint(outcome)].compactMap { $0 }.joined(separator: " ")
        }
    }

    /// Why it may take long; nil if it should not.
    func hint(_ outcome: CancelOutcome) -> String? {
        guard case .requested(let owner, _) = outcome.result, !living.contains(owner ?? "") else { return nil }
        return
            "If the host of task \(outcome.id) has died, the next host ends the task as cancelled without running it."
    }

    private func end(_ task: StoredTask) -> String {
        if task.isCancelled {
            return "Task \(task.id) is cancelled: \(PlainText.singleLine(task.failure?.message ?? ""))"
        }
        guard let failure = task.failure, task.status == .failed else {
            return "Task \(task.id) completed before it could be ended."
        }
        return "Task \(task.id) failed by itself before it could be ended: "
            + PlainText.singleLine("\(failure.type): \(failure.message)")
    }

    private func host(_ outcome: CancelOutcome) -> QueueOverview.HostOverview? {
        guard case .requested(let owner?, _) = outcome.result else { return nil }
        return hosts.first { $0.id == owner }
    }

    private func place(_ outcome: CancelOutcome) -> String {
        host(outcome).map { "the host with process \($0.pid)" } ?? "its host"
    }

    /// One task as a JSON object.
    func json(_ outcome: CancelOutcome, _ ended: StoredTask?) -> [UInt8] {
        var object = JSONObjectText()
        object.text("id", outcome.id)
        object.text("type", outcome.type)
        object.text("outcome", ended.map { $0.isCancelled ? "cancelled" : "finished" } ?? Self.word(outcome.result))
        object.text("status", (ended?.status ?? Self.status(outcome.result))?.rawValue)
        object.text("message", line(outcome, ended))
        return object.finished
    }

    private static func word(_ result: CancelOutcome.Result) -> String {
        switch result {
        case .cancelled: "cancelled"
        case .requested: "requested"
        case .finished: "finished"
        case .unknownTask: "unknown_task"
        }
    }

    private static func status(_ result: CancelOutcome.Result) -> StoredTask.Status? {
        switch result {
        case .cancelled: .failed
        case .requested: .running
        case .finished(let status): status
        case .unknownTask: nil
        }
    }
}
