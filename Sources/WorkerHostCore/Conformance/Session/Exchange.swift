/// One task given to a process of its own, and what came of it.
struct Exchange: Sendable {
    /// What the worker did with the task.
    enum Answer: Sendable {
        /// It replied success.
        case success(ConformanceReply)
        /// It replied failure.
        case failure(ConformanceReply)
        /// It replied to another task.
        case wrongTask(ConformanceReply)
        /// No reply, but an exit code that is not 0, which says as much.
        case exit(Int32)
        /// No reply, and exit code 0; what it wrote instead.
        case silence(String)
        /// A signal that nobody sent ended it.
        case crash(Int32)
        /// Nothing in time.
        case overdue
        /// It was not given the task; why.
        case notGiven(String)
    }

    let taskID: String?
    let answer: Answer
    /// What it printed beside its reply.
    let strayLines: [String]
    /// Why its output cannot be understood from some place on.
    let brokenOutput: String?
    /// Whether a pooled worker replied only when its input had ended.
    var answeredAtEndOnly = false
    /// Whether it said that it was ready before it replied.
    var saidReady = false
    /// How many replies came.
    var replyCount = 1
    /// From the start until it had read the task.
    var readAfter: Duration?
    /// From the start until its reply.
    var replyAfter: Duration?
    /// nil if it was not started.
    let end: SessionEnd?

    var reply: ConformanceReply? {
        switch answer {
        case .success(let reply), .failure(let reply), .wrongTask(let reply): reply
        default: nil
        }
    }

    var isSuccess: Bool {
        if case .success = answer { true } else { false }
    }

    /// Whether the host would understand what became of the task.
    var isAnswered: Bool {
        switch answer {
        case .success, .failure, .exit: true
        default: false
        }
    }

    /// The same for two answers that mean the same to a host.
    var outcomeKey: String {
        switch answer {
        case .success: "success"
        case .failure(let reply): "failure \(reply.errorType)"
        case .exit(let code): "exit \(code)"
        case .wrongTask: "wrong task"
        case .silence: "silence"
        case .crash(let signal): "signal \(signal)"
        case .overdue: "overdue"
        case .notGiven: "not given"
        }
    }

    /// What it did, as the rest of a sentence about it.
    var text: String {
        switch answer {
        case .success: return "replied success"
        case .failure(let reply): return "replied failure (\(reply.errorText))"
        case .wrongTask(let reply):
            return "replied to the task '\(reply.id ?? "")', but was given '\(taskID ?? "")'"
        case .exit(let code): return "ended with exit code \(code) and no reply\(end?.lastWords ?? "")"
        case .silence(let output):
            return "ended with exit code 0 and no reply"
                + (output.isEmpty ? "" : "; it wrote: \(output.prefix(120))") + (end?.lastWords ?? "")
        case .crash(let signal):
            return "was ended by \(SignalName.of(signal))\(end?.lastWords ?? "")"
        case .overdue: return "gave no reply in time and was ended\(end?.lastWords ?? "")"
        case .notGiven(let reason): return "was not given the task: \(reason)"
        }
    }
}
