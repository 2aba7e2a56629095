extension TaskReport.Outcome {
    /// What the host tells the TaskManager about an attempt: done, failed for good, to be tried again, or given back.
    /// - Parameter random: a number in 0...1, the jitter of the wait; 1 gives its upper bound.
    public init(of outcome: AttemptOutcome, retry: RetryPolicy, random: Double) {
        switch outcome.result {
        case .success(let result): self = .succeeded(result)
        case .failure(let failure):
            if failure.kind.sparesTheAttempt {
                // The task did nothing wrong; a worker that cannot start gets its tasks back when it can.
                self = .released(reason: failure.message, after: Self.releaseDelay(failure.kind))
                return
            }
            switch retry.decide(after: failure, attempt: outcome.leased.task.metadata.attempt, random: random) {
            case .retry(let delay): self = .retry(failure, after: delay)
            case .giveUp: self = .failed(failure)
            }
        }
    }

    /// A worker that cannot start, or a task that still runs here, is no reason to turn round at full speed.
    private static func releaseDelay(_ kind: TaskFailure.Kind) -> Duration {
        switch kind {
        case .startFailed: .seconds(1)
        case .leaseLost: .seconds(5)
        default: .zero
        }
    }
}
