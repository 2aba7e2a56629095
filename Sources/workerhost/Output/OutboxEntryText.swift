import WorkerHostCore
import WorkerHostSQLite

/// One entry of an outbox as JSON and as words.
struct OutboxEntryText: Sendable {
    let entry: StoredOutcome
    /// What it holds; nil if it is damaged.
    let report: TaskReport?
    var now = Timestamp.now

    /// The result of a task that succeeded.
    var result: RawJSON? {
        if case .succeeded(let result) = report?.outcome { result.value } else { nil }
    }

    private var failure: TaskFailure? {
        switch report?.outcome {
        case .failed(let failure), .retry(let failure, _): failure
        default: nil
        }
    }

    /// What became of the task, in words that go on: "its task …".
    var outcome: String { Self.word(entry.outcome) }

    static func word(_ outcome: OutboxEntry.Outcome) -> String {
        switch outcome {
        case .succeeded: "succeeded"
        case .failed: "failed"
        case .retry: "failed, to be retried"
        case .released: "given back"
        }
    }

    static func next(_ entry: StoredOutcome, _ now: Timestamp) -> String {
        if entry.isRejected { return "refused" }
        guard let next = entry.nextTry, next > now else { return "now" }
        return "in \(HumanText.duration(now.duration(to: next)))"
    }

    /// What is known without what the worker returned.
    static func json(_ entry: StoredOutcome) -> JSONObjectText {
        var object = JSONObjectText()
        object.number("id", Int(entry.id))
        object.text("task", entry.taskID)
        object.text("type", entry.taskType)
        object.text("outcome", "\(entry.outcome)")
        object.text("state", entry.isRejected ? "rejected" : "undelivered")
        object.time("stored_at", entry.storedAt)
        object.number("tries", entry.tries)
        object.time("next_try_at", entry.nextTry)
        object.text("last_error", entry.lastError)
        object.number("size_bytes", entry.size)
        return object
    }

    /// All that is known, the result byte for byte.
    func json() -> [UInt8] {
        var object = Self.json(entry)
        object.text("lease", entry.leaseToken)
        object.raw("result", result)
        if let failure {
            object.object("error") {
                $0.text("kind", failure.kind.name)
                $0.text("type", failure.type)
                $0.text("message", failure.message)
                $0.text("traceback", failure.traceback)
                $0.number("exit_code", failure.exitCode.map(Int.init))
                $0.text("stderr", failure.standardErrorTail)
            }
        } else {
            object.raw("error", nil)
        }
        if case .succeeded(let result) = report?.outcome { object.raw("logs", result.logs) }
        if case .released(let reason, _) = report?.outcome { object.text("reason", reason) }
        if let attempt = report?.attempt {
            object.object("attempt") {
                $0.text("worker", attempt.worker)
                $0.number("number", attempt.number)
                $0.number("pid", attempt.pid.map(Int.init))
                $0.time("started_at", attempt.startedAt)
                $0.time("ended_at", attempt.endedAt)
            }
        }
        return object.finished
    }

    /// All that is known, for people.
    func lines(terminal: Terminal) -> [String] {
        let title = "Entry \(entry.id), task \(PlainText.singleLine(entry.taskID))"
        let type = entry.taskType.isEmpty ? "" : ", type \(PlainText.singleLine(entry.taskType))"
        var lines = [Colour.bold.paint("\(title)\(type): ", on: terminal) + outcome, "  \(why)"]
        lines.append("  stored      \(HumanText.time(entry.storedAt)), \(HumanText.bytes(Int64(entry.size)))")
        if let attempt = report?.attempt {
            let pid = attempt.pid.map { ", process \($0)" } ?? ""
            let worker = attempt.worker.isEmpty ? "none: it had failed before" : PlainText.singleLine(attempt.worker)
            lines.append("  worker      \(worker), attempt \(attempt.number)\(pid)")
            lines += attempt.incidents.map {
                "              \(HumanText.time($0.at)) \($0.kind.replacing("_", with: " ")): \(PlainText.singleLine($0.message))"
            }
        }
        if report == nil { lines.append("  What it held is damaged.") }
        if let failure {
            lines.append(
                "  error       \(PlainText.singleLine(failure.type)): \(PlainText.singleLine(failure.message))")
            let more = [failure.traceback, failure.standardErrorTail].compactMap(\.self).filter { !$0.isEmpty }
            for text in more {
                lines += [""] + PlainText.multiLine(text).split(separator: "\n").map { "  \($0)" }
            }
        }
        if case .released(let reason, _) = report?.outcome {
            lines.append("  reason      \(PlainText.singleLine(reason))")
        }
        if let result {
            lines += ["", Colour.bold.paint("Result", on: terminal)]
            lines += PrettyJSON(result.bytes).lines.map { "  \(PlainText.singleLine($0))" }
        }
        return lines
    }

    /// Why it is still here, and what follows.
    var why: String {
        let error = entry.lastError.map { ": \(PlainText.singleLine($0))" } ?? ""
        if entry.isRejected {
            return
                "The TaskManager will not take it\(error). It is kept: 'workerhost outbox retry \(entry.id)' tries once "
                + "more, 'outbox discard \(entry.id)' deletes it."
        }
        if entry.tries == 0 { return "It was not tried yet: it waits for a host, or for the TaskManager to answer." }
        return "It could not be delivered, \(HumanText.count(entry.tries, "time")) so far\(error). Next try: "
            + "\(Self.next(entry, now))."
    }

    /// What is lost when it is deleted.
    func loss(isDryRun: Bool) -> String {
        let what =
            switch entry.outcome {
            case .succeeded: "its result (\(HumanText.bytes(Int64(result?.bytes.count ?? entry.size))))"
            case .failed, .retry: "its failure (\(failure.map { PlainText.singleLine($0.type) } ?? "damaged"))"
            case .released: "the word that it was given back"
            }
        let then =
            entry.isRejected
            ? "The TaskManager had refused it." : "The TaskManager hands the task out again when its claim ends."
        return "\(isDryRun ? "Would delete" : "Deleted") entry \(entry.id): task \(PlainText.singleLine(entry.taskID)) "
            + "\(outcome), \(what) is lost. \(then)"
    }
}
