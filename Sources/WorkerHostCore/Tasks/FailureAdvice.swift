/// What to do about a failure, by its kind: one place for all commands and services that show failures.
public enum FailureAdvice {
    /// The next step after a failure, one or two sentences.
    /// - Parameters:
    ///   - kind: the failure's kind.
    ///   - type: the failure's type, which tells some failures of a kind apart.
    ///   - worker: the worker's name, if it is known.
    public static func nextStep(after kind: TaskFailure.Kind, type: String, worker: String?) -> String {
        let name = worker.map { "worker '\($0)'" } ?? "its worker"
        switch kind {
        case .retriable:
            return
                "Read the error, the traceback or the last lines on standard error. If a service was away for longer "
                + "than all attempts took, raise max_retries or retry_backoff of \(name)."
        case .permanent: return permanent(type, name)
        case .timeout:
            return type == "Expired"
                ? "Submit it with a later deadline, or let more tasks run at once: raise concurrency of \(name), or "
                    + "start another host."
                : "Raise timeout of \(name), or make the task smaller."
        case .crashed:
            return "After SIGKILL look for 'out of memory' in 'journalctl -k': set limits.max_memory_mb of \(name), or "
                + "lower its concurrency. After another signal the last lines on standard error tell more."
        case .resourceLimit(.replySize):
            return "Write large results to a file and reply with its path, or raise limits.max_reply_bytes of \(name)."
        case .resourceLimit(.memory): return "Make the task smaller, or raise limits.max_memory_mb of \(name)."
        case .resourceLimit(.processorTime): return "Make the task smaller, or allow \(name) more processor time."
        case .startFailed:
            return
                "'workerhost doctor' names what is missing. The host tries again by itself, at least once a minute."
        case .protocolViolation:
            return
                "Try \(name) by hand ('workerhost replay', 'workerhost exec'): it must write one JSON reply to standard "
                + "output and end with exit code 0."
        case .invalidParameters:
            return "Correct the params and submit the task again, or correct schema of \(name) and retry it."
        case .noWorker: return "Add the type to task_types of a worker, reload the host (SIGHUP), and retry the task."
        case .leaseLost:
            return "Nothing, if it is rare: another host runs the task. If it comes often, raise "
                + "task_manager.claim_timeout."
        case .interrupted: return "Nothing: the next host runs the task. 'workerhost run' starts one."
        }
    }

    /// The next step after a failure whose kind is known by its ``TaskFailure/Kind/name``, for example from a queue.
    public static func nextStep(afterKindNamed kind: String, type: String, worker: String?) -> String {
        guard let kind = TaskFailure.Kind(name: kind) else {
            return "Read the error; a newer version of WorkerHost, which knows this kind of failure, says more."
        }
        return nextStep(after: kind, type: type, worker: worker)
    }

    private static func permanent(_ type: String, _ name: String) -> String {
        switch type {
        case "AttemptsExhausted":
            "Look above for what ended the process or the host each time, mostly a lack of memory, before you "
                + "retry it."
        case "Cancelled": "Nothing: it was cancelled. Retry it if that was a mistake."
        default:
            "\(name) said that another try cannot help: correct the task and submit it again, or correct the worker "
                + "and retry it."
        }
    }
}
