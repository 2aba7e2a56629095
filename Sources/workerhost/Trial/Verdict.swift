import WorkerHostCore

/// What the host would make of an attempt's outcome.
struct Verdict {
    /// The stable words for programs.
    enum Status: String {
        case completed
        case retry
        case failed
        case released
    }

    let status: Status
    /// The upper bound of the wait before the next attempt.
    let retryWithin: Duration?
    /// One line.
    let text: String

    init(_ outcome: AttemptOutcome, retry: RetryPolicy) {
        let number = outcome.leased.task.metadata.attempt
        let count = "attempt \(number) of \(retry.maxAttempts)"
        switch TaskReport.Outcome(of: outcome, retry: retry, random: 1) {
        case .succeeded: (status, retryWithin, text) = (.completed, nil, "completed")
        case .retry(_, let delay):
            status = .retry
            retryWithin = delay
            text = "would be retried: \(count), next within \(HumanText.duration(delay))"
        case .failed(let failure):
            (status, retryWithin) = (.failed, nil)
            text = "would fail for good: \(failure.isRetriable ? "it was \(count)" : Self.why(failure.kind))"
        case .released:
            (status, retryWithin) = (.released, nil)
            text = "would go back to the queue, its attempt unspent"
        }
    }

    private static func why(_ kind: TaskFailure.Kind) -> String {
        switch kind {
        case .timeout: "it ran out of time"
        case .resourceLimit: "it exceeded a limit"
        default: "the worker says that another try is useless"
        }
    }

    /// The colour of the text.
    var colour: Colour {
        switch status {
        case .completed: .green
        case .retry, .released: .yellow
        case .failed: .red
        }
    }
}
