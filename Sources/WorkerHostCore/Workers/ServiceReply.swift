/// The wire protocol where the worker is a service: the task goes out as one JSON document, and the reply comes back as
/// one.
package enum ServiceReply {
    /// The task as a worker reads it.
    package static func document(of task: WorkerTask) -> [UInt8] { TaskEnvelope.encode(task) }

    /// What a service's whole answer came to, where the answer decides.
    package static func outcome(
        _ body: [UInt8], taskID: String, worker: String
    ) -> Result<TaskResult, TaskFailure> {
        let said = ReplyReader.read(body, taskID: taskID).said
        switch said {
        case .success(let result): return .success(result)
        case .failure(let error): return .failure(failure(error, isRetriable: error.retryPossible ?? true, worker))
        case .nothing: return .failure(violation("answered with an empty body", worker))
        case .garbage(let preview): return .failure(violation("answered with no reply: \(preview)", worker))
        case .half(let error): return .failure(violation("answered with half a reply: \(error)", worker))
        case .wrongTask(let id): return .failure(violation("answered for another task, '\(id)'", worker))
        case .tooMuch(let limit):
            return .failure(
                TaskFailure(
                    kind: .resourceLimit(.replySize), type: "ReplyTooLarge",
                    message: "worker '\(worker)' answered with more than \(limit) bytes"))
        }
    }

    /// The failure that an answer with an error's status tells of in its body; nil if it holds no reply.
    package static func failure(
        in body: [UInt8], taskID: String, worker: String, isRetriable: Bool
    ) -> TaskFailure? {
        guard case .failure(let error) = ReplyReader.read(body, taskID: taskID).said else { return nil }
        return failure(error, isRetriable: isRetriable && error.retryPossible ?? true, worker)
    }

    private static func failure(_ error: ReplyError, isRetriable: Bool, _ worker: String) -> TaskFailure {
        var failure = TaskFailure(
            kind: isRetriable ? .retriable : .permanent, type: error.type,
            message: error.message ?? "worker '\(worker)' reported a failure without a message",
            traceback: error.traceback)
        failure.retryAfter = error.retryAfter
        return failure
    }

    private static func violation(_ what: String, _ worker: String) -> TaskFailure {
        TaskFailure(
            kind: .protocolViolation, type: "ProtocolViolation",
            message: "worker '\(worker)' \(what); it must answer with one JSON reply (see Docs/wire-protocol.md)")
    }
}
