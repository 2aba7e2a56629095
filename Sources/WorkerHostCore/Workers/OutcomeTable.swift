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
    /// After the host had begun to end it, for this reason.
    case stopped(StopReason, ProcessExit.Ending)
    /// Not at all: it survived SIGKILL and was left alone.
    case unkillable(StopReason)
    /// It never started.
    case notStarted(StartError)
}

/// The one place where it is decided what an attempt's outcome is.
///
/// Total: every pair of what the child said and how it ended has exactly one outcome. A task succeeds only when a
/// valid reply and the exit code agree.
enum OutcomeTable {
    typealias Outcome = Result<TaskResult, TaskFailure>

    static func outcome(said: Said, ended: Ended, timeout: Duration) -> Outcome {
        switch ended {
        case .notStarted(let error):
            .failure(TaskFailure(kind: .startFailed, type: "StartFailed", message: error.description))
        case .unkillable(let reason):
            .failure(stopped(reason, timeout: timeout, suffix: "; the process did not end even after SIGKILL"))
        case .stopped(.shutdown, .exited(0)): whileStopping(said)
        case .stopped(let reason, _): .failure(stopped(reason, timeout: timeout, suffix: ""))
        case .signaled(let signal): .failure(crashed(signal, said))
        case .exited(0): exitedCleanly(said)
        case .exited(let code): .failure(exited(code, said))
        }
    }

    /// A worker that finished its task after SIGTERM has finished its task.
    private static func whileStopping(_ said: Said) -> Outcome {
        switch said {
        case .success, .failure: exitedCleanly(said)
        default: .failure(stopped(.shutdown, timeout: .zero, suffix: ""))
        }
    }

    private static func exitedCleanly(_ said: Said) -> Outcome {
        switch said {
        case .success(let result): .success(result)
        case .failure(let error):
            .failure(replied(error, isRetriable: error.retryPossible ?? true, exitCode: 0))
        case .tooMuch(let limit): .failure(tooMuch(limit, exitCode: 0))
        case .nothing, .garbage, .half, .wrongTask: .failure(violation(said, exitCode: 0))
        }
    }

    private static func exited(_ code: Int32, _ said: Said) -> TaskFailure {
        if case .tooMuch(let limit) = said { return tooMuch(limit, exitCode: code) }
        let error: ReplyError? = if case .failure(let error) = said { error } else { nil }
        switch code {
        case 2:
            return TaskFailure(
                kind: .permanent, type: error?.type ?? "PermanentFailure",
                message: error?.message ?? "the worker refused the task (exit code 2)", traceback: error?.traceback,
                exitCode: code)
        case 3:
            return TaskFailure(
                kind: .timeout, type: error?.type ?? "TimedOut",
                message: error?.message ?? "the worker gave up for time (exit code 3)",
                traceback: error?.traceback, exitCode: code)
        default:
            if let error { return replied(error, isRetriable: error.retryPossible ?? true, exitCode: code) }
            if case .success = said {
                return TaskFailure(
                    kind: .protocolViolation, type: "ContradictoryExit",
                    message: "the worker replied success but ended with exit code \(code); the result is not taken",
                    exitCode: code)
            }
            return TaskFailure(
                kind: .retriable, type: "ExitCode\(code)",
                message: "the worker ended with exit code \(code)\(remark(said))", exitCode: code)
        }
    }

    private static func replied(_ error: ReplyError, isRetriable: Bool, exitCode: Int32) -> TaskFailure {
        TaskFailure(
            kind: isRetriable ? .retriable : .permanent, type: error.type ?? "WorkerError",
            message: error.message ?? "the worker reported a failure without a message",
            traceback: error.traceback, exitCode: exitCode)
    }

    private static func crashed(_ signal: Int32, _ said: Said) -> TaskFailure {
        let name = SignalName.of(signal)
        let hint = signal == SIGKILL ? "; nobody here sent it: perhaps the kernel, when memory ran out" : ""
        return TaskFailure(
            kind: .crashed(signal: signal), type: "Crashed",
            message: "the worker process was ended by \(name)\(hint)\(remark(said))")
    }

    private static func stopped(_ reason: StopReason, timeout: Duration, suffix: String) -> TaskFailure {
        switch reason {
        case .deadline:
            TaskFailure(
                kind: .timeout, type: "TimedOut",
                message: "the worker did not finish within \(timeout.inSeconds) s and was ended\(suffix)")
        case .shutdown:
            TaskFailure(
                kind: .interrupted, type: "Interrupted", message: "the host stopped and ended the worker\(suffix)")
        case .leaseLost:
            TaskFailure(
                kind: .leaseLost, type: "LeaseLost",
                message: "the task was given to somebody else, so its worker was ended\(suffix)")
        case .cancelled:
            TaskFailure(kind: .permanent, type: "Cancelled", message: "the task was cancelled\(suffix)")
        }
    }

    private static func tooMuch(_ limit: Int, exitCode: Int32) -> TaskFailure {
        TaskFailure(
            kind: .resourceLimit(.replySize), type: "ReplyTooLarge",
            message:
                "the worker wrote more than \(limit) bytes to standard output; write large results to a file, or raise workers[].limits.max_reply_bytes",
            exitCode: exitCode)
    }

    private static func violation(_ said: Said, exitCode: Int32) -> TaskFailure {
        TaskFailure(
            kind: .protocolViolation, type: "NoReply",
            message: "the worker ended with exit code \(exitCode)\(remark(said))", exitCode: exitCode)
    }

    private static func remark(_ said: Said) -> String {
        switch said {
        case .nothing: " and wrote no reply to standard output"
        case .garbage(let preview): " and its output holds no reply: \(preview)"
        case .half(let error): " in the middle of its reply (\(error))"
        case .tooMuch(let limit): " after more than \(limit) bytes of output"
        case .wrongTask(let id): " and replied to another task, '\(id)'"
        case .success: " after it had replied success; the result is not taken"
        case .failure(let error): " after it had replied: \(error.type ?? "error"): \(error.message ?? "")"
        }
    }
}
