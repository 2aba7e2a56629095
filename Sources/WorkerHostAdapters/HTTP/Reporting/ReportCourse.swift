import WorkerHostCore

/// The way of one report through the API: what to send next, and what the answers come to. No clock and no I/O inside.
struct ReportCourse: Sendable {
    /// What follows.
    enum Step: Sendable {
        /// Send this.
        case send(Endpoint, HTTPRequest)
        /// Send this after a moment: the server's database had to give way to another call.
        case sendAgain(Endpoint, HTTPRequest)
        /// The report is answered.
        case ended(Acknowledgement)
    }

    /// What is being told.
    private enum Phase: Sendable {
        /// The outcome itself.
        case outcome
        /// That the result cannot be kept, for this reason.
        case failureInstead(reason: String)
    }

    /// So often a call is repeated at once that met a deadlock; then the host tries again later.
    static let mostContentions = 6

    let report: TaskReport
    /// Under which claim it is told: the newest that this host has of the task.
    let worker: String
    private var phase = Phase.outcome
    /// It is looked at what has become of the task.
    private var isLooking = false
    private var errorLimit = ErrorText.usualLimit
    private var contentions = 0

    init(_ report: TaskReport, worker: String) {
        self.report = report
        self.worker = worker
    }

    /// The first call.
    mutating func begin() -> Step {
        if case .released = report.outcome { return .ended(.accepted) }
        if case .succeeded(let result) = report.outcome, ResultText.isSurelyTooLong(result.value.bytes) {
            return failInstead()
        }
        return .send(.complete, request())
    }

    /// What follows an answer.
    mutating func answered(_ verdict: Verdict, body: [UInt8]) -> Step {
        if isLooking { return looked(verdict, body) }
        switch verdict {
        case .done: return .ended(final(.accepted))
        case .claimedByAnother: return .ended(.leaseLost)
        case .unknownTask: return .ended(.rejected(reason: "the TaskManager has no task '\(report.taskID)' (any more)"))
        case .notClaimed:
            isLooking = true
            return .send(.readTask, .get(APIPath.task(report.taskID)))
        case .tooLong(let words): return shorten(words)
        case .contention(let words):
            contentions += 1
            guard contentions < Self.mostContentions else { return .ended(.later(reason: words, after: nil)) }
            return .sendAgain(.complete, request())
        case .unauthorized(let words):
            return .ended(
                .later(
                    reason: "the key is refused (\(words)): correct task_manager.api_key and start the host again",
                    after: .seconds(10)))
        case .tooManyCalls(let words, let wait):
            return .ended(.later(reason: words, after: max(.seconds(1), .seconds(wait ?? 1))))
        case .unavailable(let words, let wait):
            return .ended(.later(reason: words, after: wait.map { max(.seconds(1), .seconds($0)) }))
        case .wrongAddress(let words):
            return .ended(.later(reason: "\(words): is task_manager.url right?", after: .seconds(5)))
        case .refused(let words): return .ended(.rejected(reason: words))
        case .noTask: return .ended(.later(reason: "the answer has nothing to do with a report", after: nil))
        }
    }

    // MARK: - What is sent

    private func request() -> HTTPRequest {
        .post(APIPath.complete(report.taskID), body())
    }

    private func body() -> [UInt8] {
        if case .failureInstead(let reason) = phase {
            let failure = TaskFailure(kind: .permanent, type: "ResultTooLarge", message: reason)
            return RequestBodies.failure(worker: worker, error: ErrorText.text(of: failure, limit: errorLimit))
        }
        switch report.outcome {
        case .succeeded(let result): return RequestBodies.success(worker: worker, result: result.value)
        case .failed(let failure), .retry(let failure, _):
            return RequestBodies.failure(worker: worker, error: ErrorText.text(of: failure, limit: errorLimit))
        case .released(let reason, _): return RequestBodies.failure(worker: worker, error: reason)
        }
    }

    /// The acknowledgement of what was told: a failure in place of a result is none of the result.
    private func final(_ acknowledgement: Acknowledgement) -> Acknowledgement {
        if case .failureInstead(let reason) = phase, acknowledgement == .accepted { return .rejected(reason: reason) }
        return acknowledgement
    }

    // MARK: - What is too long

    private mutating func shorten(_ words: String) -> Step {
        if case .succeeded = report.outcome, case .outcome = phase { return failInstead() }
        guard errorLimit > 200 else {
            return .ended(.rejected(reason: "even an error of \(errorLimit) bytes is too long: \(words)"))
        }
        errorLimit /= 4
        return .send(.complete, request())
    }

    private mutating func failInstead() -> Step {
        guard case .succeeded(let result) = report.outcome else { return .ended(.rejected(reason: "")) }
        phase = .failureInstead(
            reason: "the result has \(result.value.bytes.count) bytes, and the TaskManager keeps at most "
                + "\(ResultText.mostBytes). The task has failed there; the full result is in this host's outbox "
                + "('workerhost outbox list'). Let the worker write large results to a file and return its path")
        return .send(.complete, request())
    }

    // MARK: - What has become of the task

    /// "Not in claimed state" may mean that an earlier try of this very report was applied and its answer lost.
    private func looked(_ verdict: Verdict, _ body: [UInt8]) -> Step {
        switch verdict {
        case .done(let data):
            guard let data, let task = ClaimedTask(body, data: data, asked: nil) else {
                return .ended(.rejected(reason: "the TaskManager has no task '\(report.taskID)' (any more)"))
            }
            return .ended(final(acknowledgement(of: task)))
        case .unknownTask:
            return .ended(.rejected(reason: "the TaskManager has no task '\(report.taskID)' (any more)"))
        case .tooManyCalls(let words, let wait), .unavailable(let words, let wait):
            return .ended(.later(reason: words, after: wait.map { max(.seconds(1), .seconds($0)) }))
        default:
            return .ended(.later(reason: "it cannot be seen what has become of the task: \(verdict)", after: nil))
        }
    }

    private func acknowledgement(of task: ClaimedTask) -> Acknowledgement {
        let isOurs = task.claimedBy == nil || task.claimedBy == worker
        let toldSuccess = if case .succeeded = report.outcome, case .outcome = phase { true } else { false }
        switch task.status {
        case "completed": return isOurs && toldSuccess ? .accepted : .leaseLost
        case "failed": return isOurs && !toldSuccess ? .accepted : .leaseLost
        // A failure that was applied makes the task pending at once; nothing else takes a claim away without another.
        case "pending": return toldSuccess ? .leaseLost : .accepted
        case "claimed" where task.claimedBy == worker:
            return .later(reason: "the TaskManager does not say clearly whether it took the report", after: nil)
        default: return .leaseLost
        }
    }
}
