import WorkerHostSQLite

/// What is said of dead letters that are retried or discarded.
enum DeadLetterWording {
    case retry
    case discard

    private var past: String { self == .retry ? "put back into the queue" : "discarded" }

    /// What would be done with a task, for a dry run.
    func plan(_ outcome: DeadLetterOutcome) -> String {
        let type = PlainText.singleLine(outcome.type ?? "")
        let error = PlainText.singleLine(outcome.errorType ?? "")
        return "task \(outcome.id), type \(type), \(error) after \(HumanText.count(outcome.attempts, "attempt")): "
            + "would be \(past)"
    }

    /// The last line.
    func summary(done: Int, isDryRun: Bool) -> String {
        let verb = isDryRun ? "would be " : done == 1 ? "was " : "were "
        return "\(HumanText.count(done, "dead letter")) \(verb)\(past)."
    }

    /// Why a task was left alone; empty if it was not.
    func refusal(_ outcome: DeadLetterOutcome) -> String {
        let id = PlainText.singleLine(outcome.id)
        switch outcome.result {
        case .done: return ""
        case .unknownTask: return "there is no task '\(id)' in the queue"
        case .notADeadLetter(let status): return "task \(id) is \(status.rawValue), not a dead letter: left as it is"
        case .keyHeld(let key, let holder):
            return
                "task \(id) was not put back: task \(holder) holds its dedupe key '\(PlainText.singleLine(key))' and "
                + "is not finished; retry it when that one is, or discard it"
        case .deadlinePassed(let deadline):
            return "task \(id) was not put back: its deadline (\(deadline)) would have passed; submit it anew"
        }
    }

    /// One outcome as a JSON object.
    func json(_ outcome: DeadLetterOutcome) -> [UInt8] {
        var object = JSONObjectText()
        object.text("id", outcome.id)
        object.text("type", outcome.type)
        object.text("error", outcome.errorType)
        object.number("attempts", outcome.attempts)
        object.flag("done", outcome.isDone)
        object.text("reason", Self.reason(outcome.result))
        object.text("message", outcome.isDone ? nil : refusal(outcome))
        return object.finished
    }

    private static func reason(_ result: DeadLetterOutcome.Result) -> String? {
        switch result {
        case .done: nil
        case .unknownTask: "unknown_task"
        case .notADeadLetter: "not_a_dead_letter"
        case .keyHeld: "dedupe_key_held"
        case .deadlinePassed: "deadline_passed"
        }
    }
}
