/// What a TaskManager whose claims nothing prolongs demands of the workers.
struct ClaimLimits: Sendable {
    /// When the TaskManager takes a claim back.
    let claimTimeout: Duration
    /// Whether all attempts of a task happen under one claim.
    let retriesInHost: Bool

    /// nil for a TaskManager whose leases are extended while a task runs.
    init?(_ manager: TaskManagerConfiguration) {
        guard manager.kind == .http else { return nil }
        claimTimeout = manager.claimTimeout
        retriesInHost = manager.retries == .host
    }

    /// The timeout of a worker that has none of its own: there is time left to end it, and to report.
    var usualTimeout: Duration { .milliseconds(claimTimeout.wholeMicroseconds / 1000 * 8 / 10) }
}

extension WorkerReader {
    /// Whether what the worker may take fits into a claim.
    func checkFit(_ worker: WorkerConfiguration, _ claims: ClaimLimits) {
        let claim = DurationText.text(claims.claimTimeout)
        let timeout = DurationText.text(worker.timeout)
        let key = section.has("timeout") ? "timeout" : "name"
        for type in worker.taskTypes where TaskTypeSelection.prefix(of: type) != nil {
            section.error(
                "task_types",
                "the TaskManager cannot list its task types, so '\(type)' selects none: write every type out",
                expected: "task types written 'Name'")
        }
        if worker.timeout > claims.claimTimeout {
            section.error(
                key,
                "a task may run for \(timeout), but the TaskManager gives it to somebody else after \(claim) "
                    + "(task_manager.claim_timeout), and nothing prolongs that",
                expected: "less than \(claim), or a larger claim_timeout here and in the TaskManager")
        } else if worker.timeout + worker.stopGrace >= claims.claimTimeout {
            section.warning(
                key,
                "timeout (\(timeout)) and stop_grace (\(DurationText.text(worker.stopGrace))) together do not fit into "
                    + "task_manager.claim_timeout (\(claim)): a task that runs so long is given to somebody else before it "
                    + "is ended. Lower timeout")
        } else if claims.retriesInHost, worker.retry.maxAttempts > 1 {
            let waits = (1..<min(worker.retry.maxAttempts, 1000)).reduce(Duration.zero) {
                $0 + worker.retry.backoff.delay(afterAttempt: $1, random: 1)
            }
            guard waits + worker.timeout + worker.stopGrace >= claims.claimTimeout else { return }
            section.warning(
                section.has("max_retries") ? "max_retries" : key,
                "the waits between \(worker.retry.maxAttempts) attempts (up to \(DurationText.text(waits))) and timeout "
                    + "(\(timeout)) together do not fit into task_manager.claim_timeout (\(claim)): later attempts are "
                    + "left out. Lower max_retries, retry_backoff_max or timeout")
        }
    }
}
