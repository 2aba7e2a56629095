import WorkerHostCore
import WorkerHostSQLite

/// What the queue knows of one attempt of a task.
struct StoredAttempt {
    /// How it ended.
    enum Ending {
        case completed(RawJSON)
        case retried
        case failed
        case released
        /// Its host died or fell silent: nobody knows.
        case unknown
        case running
        /// There was no such attempt yet.
        case none
    }

    let number: Int
    let ending: Ending
    /// What the timeline says about the end.
    let message: String?
    /// The failure with all its parts; kept for the last reported attempt only.
    let failure: StoredTask.Failure?
    /// As for the failure.
    let took: Duration?
    /// As for the failure.
    let startedAt: Timestamp?

    init(_ number: Int, of task: StoredTask, timeline: [TimelineEntry]) {
        self.number = number
        let ends = ["completed", "failed", "retried", "released", "lease_expired", "host_died"]
        let last = timeline.last { $0.attempt == number && ends.contains($0.kind) }
        message = last?.message
        if task.status == .running, number == task.attempts {
            ending = .running
        } else {
            switch last?.kind {
            case "completed": ending = .completed(task.result ?? .null)
            case "failed": ending = .failed
            case "retried": ending = .retried
            case "released": ending = .released
            case nil: ending = .none
            default: ending = .unknown
            }
        }
        // The row keeps what the last report said, and a claim clears the times.
        let isReported = number == task.attempts && ["completed", "failed", "retried"].contains(last?.kind)
        failure = isReported && task.status != .completed ? task.failure : nil
        startedAt = isReported ? task.startedAt : nil
        if isReported, let start = task.startedAt, let end = task.finishedAt, end >= start {
            took = start.duration(to: end)
        } else {
            took = nil
        }
    }

    /// The verdict's word for the same; nil where nothing is known.
    var status: Verdict.Status? {
        switch ending {
        case .completed: .completed
        case .retried: .retry
        case .failed: .failed
        case .released: .released
        case .unknown, .running, .none: nil
        }
    }

    /// What became of it, in words.
    var text: String {
        switch ending {
        case .completed: "it completed"
        case .retried: "it was retried"
        case .failed: "it failed for good"
        case .released: "it went back to the queue"
        case .unknown: "nobody knows how it would have ended: \(message ?? "")"
        case .running: "it is still running"
        case .none: "there was no such attempt yet"
        }
    }
}
