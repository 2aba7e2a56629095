#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// How an attempt's process ended.
enum Ended: Sendable, Hashable {
    /// By itself.
    case exited(Int32)
    /// By a signal the host did not send.
    case signaled(Int32)
    /// By itself, but its template had died, which alone could tell how.
    case unknown
    /// After the host had begun to end it, for this reason.
    case stopped(StopReason, ProcessExit.Ending)
    /// Not at all: it survived SIGKILL and was left alone.
    case unkillable(StopReason)
    /// It never started.
    case notStarted(StartError)

    /// Whether it ended without the host having begun to end it.
    var isUnasked: Bool {
        switch self {
        case .exited, .signaled, .unknown: true
        case .stopped, .unkillable, .notStarted: false
        }
    }

    /// For texts: `ended with exit code 1`.
    var text: String {
        switch self {
        case .exited(let code), .stopped(_, .exited(let code)): "ended with exit code \(code)"
        case .signaled(let signal), .stopped(_, .signaled(let signal)): "was ended by \(SignalName.of(signal))"
        case .unknown, .stopped(_, .unknown): "ended in a way that nobody saw"
        case .unkillable: "did not end after SIGKILL"
        case .notStarted: "was not started"
        }
    }
}

extension Incident {
    /// Where the reply decides, an ending that contradicts it is only worth a line.
    static func exitAfterReply(_ ended: Ended) -> Incident {
        Incident(kind: "exit_after_reply", message: "the process \(ended.text) after its reply, which stands")
    }
}

/// The one place where it is decided what an attempt's outcome is.
///
/// Total: every pair of what the child said and how it ended has exactly one outcome. A task succeeds only when a
/// valid reply and the exit code agree.
struct OutcomeTable {
    typealias Outcome = Result<TaskResult, TaskFailure>

    /// The worker's name.
    let worker: String
    let limit: TimeLimit

    func outcome(said: Said, ended: Ended) -> Outcome {
        switch ended {
        case .notStarted(let error):
            .failure(TaskFailure(kind: .startFailed, type: "StartFailed", message: error.description))
        case .unkillable(let reason):
            .failure(stopped(reason, isUnkillable: true))
        case .stopped(.shutdown, .exited(0)), .stopped(.shutdown, .unknown): whileStopping(said)
        case .stopped(.cancelled, .exited(0)), .stopped(.cancelled, .unknown): afterCancel(said)
        case .stopped(let reason, _): .failure(stopped(reason))
        case .signaled(let signal): .failure(crashed(signal, said))
        case .exited(0): exitedCleanly(said)
        case .unknown: endedUnseen(said)
        case .exited(let code): .failure(exited(code, said))
        }
    }

    /// A worker that finished its task after SIGTERM has finished its task.
    private func whileStopping(_ said: Said) -> Outcome {
        switch said {
        case .success, .failure: exitedCleanly(said)
        default: .failure(stopped(.shutdown))
        }
    }

    /// Work that was finished in spite of a cancel counts; a failure is part of being cancelled.
    private func afterCancel(_ said: Said) -> Outcome {
        if case .success = said { return exitedCleanly(said) }
        return .failure(stopped(.cancelled))
    }

    private func exitedCleanly(_ said: Said) -> Outcome {
        switch said {
        case .success(let result): .success(result)
        case .failure(let error):
            .failure(replied(error, isRetriable: error.retryPossible ?? true, exitCode: 0))
        case .tooMuch(let limit): .failure(tooMuch(limit, exitCode: 0))
        case .nothing, .garbage, .half, .wrongTask: .failure(violation(said, exitCode: 0))
        }
    }

    /// The reply decides, as with exit code 0; without one it is a crash.
    private func endedUnseen(_ said: Said) -> Outcome {
        switch said {
        case .success, .failure, .tooMuch: exitedCleanly(said)
        case .nothing, .garbage, .half, .wrongTask:
            .failure(
                TaskFailure(
                    kind: .retriable, type: "Crashed",
                    message: "worker '\(worker)' ended\(remark(said)); its template had died; exit status unknown"))
        }
    }

    private func exited(_ code: Int32, _ said: Said) -> TaskFailure {
        if case .tooMuch(let limit) = said { return tooMuch(limit, exitCode: code) }
        let error: ReplyError? = if case .failure(let error) = said { error } else { nil }
        switch code {
        case 2:
            return TaskFailure(
                kind: .permanent, type: error?.type ?? "PermanentFailure",
                message: error?.message ?? "worker '\(worker)' refused the task (exit code 2)",
                traceback: error?.traceback, exitCode: code)
        case 3:
            return TaskFailure(
                kind: .timeout, type: error?.type ?? "TimedOut",
                message: error?.message ?? "worker '\(worker)' gave up for time (exit code 3)",
                traceback: error?.traceback, exitCode: code)
        default:
            if let error { return replied(error, isRetriable: error.retryPossible ?? true, exitCode: code) }
            if case .success = said {
                return TaskFailure(
                    kind: .protocolViolation, type: "ContradictoryExit",
                    message: "worker '\(worker)' replied success but ended with exit code \(code); the result is not "
                        + "taken: it must end with 0 after a success", exitCode: code)
            }
            return TaskFailure(
                kind: .retriable, type: "ExitCode\(code)",
                message: "worker '\(worker)' ended with exit code \(code)\(remark(said))", exitCode: code)
        }
    }

    private func replied(_ error: ReplyError, isRetriable: Bool, exitCode: Int32) -> TaskFailure {
        var failure = TaskFailure(
            kind: isRetriable ? .retriable : .permanent, type: error.type ?? "WorkerError",
            message: error.message ?? "worker '\(worker)' reported a failure without a message",
            traceback: error.traceback, exitCode: exitCode)
        failure.retryAfter = error.retryAfter
        return failure
    }

    private func crashed(_ signal: Int32, _ said: Said) -> TaskFailure {
        let hint =
            signal == SIGKILL ? "; the host did not send it: perhaps the kernel did, because memory ran out" : ""
        return TaskFailure(
            kind: .crashed(signal: signal), type: "Crashed",
            message: "worker '\(worker)' was ended by \(SignalName.of(signal))\(remark(said))\(hint)")
    }

    private func stopped(_ reason: StopReason, isUnkillable: Bool = false) -> TaskFailure {
        let suffix =
            isUnkillable
            ? "; the process did not end even after SIGKILL, it hangs in the kernel: look at the disks and network "
                + "file systems that it uses" : ""
        switch reason {
        case .deadline:
            return TaskFailure(
                kind: .timeout, type: "TimedOut",
                message: "worker '\(worker)' did not finish within \(limit.text) and was ended"
                    + (isUnkillable ? suffix : ": \(limit.advice)"))
        case .shutdown:
            return TaskFailure(
                kind: .interrupted, type: "Interrupted",
                message: "the host stopped and ended worker '\(worker)'\(suffix)")
        case .leaseLost:
            return TaskFailure(
                kind: .leaseLost, type: "LeaseLost",
                message: "the lease was lost, so worker '\(worker)' was ended; another host may run the task\(suffix)")
        case .cancelled:
            return TaskFailure(
                kind: .permanent, type: TaskFailure.cancelledType,
                message: "the task was cancelled, so worker '\(worker)' was ended\(suffix)")
        }
    }

    private func tooMuch(_ limit: Int, exitCode: Int32) -> TaskFailure {
        TaskFailure(
            kind: .resourceLimit(.replySize), type: "ReplyTooLarge",
            message: "worker '\(worker)' wrote more than \(limit) bytes to standard output: write large results to a "
                + "file, or raise its limits.max_reply_bytes", exitCode: exitCode)
    }

    private func violation(_ said: Said, exitCode: Int32) -> TaskFailure {
        TaskFailure(
            kind: .protocolViolation, type: "NoReply",
            message: "worker '\(worker)' ended with exit code \(exitCode)\(remark(said))", exitCode: exitCode)
    }

    private func remark(_ said: Said) -> String {
        switch said {
        case .nothing: " and wrote no reply to standard output"
        case .garbage(let preview): " and its output holds no reply: \(preview)"
        case .half(let error): " in the middle of its reply (\(error))"
        case .tooMuch(let limit): " after more than \(limit) bytes of output"
        case .wrongTask(let id): " and replied to another task, '\(id)'"
        case .success: " after it had replied success; the result is not taken"
        case .failure(let error): " after it had replied: \(error.type ?? "error"): \(error.message ?? "no message")"
        }
    }
}
