import Logging

/// Hears from the TaskManager which tasks were cancelled, and ends their attempts.
struct CancelWatch: Sendable {
    let taskManager: any TaskManagerAdapter
    let holdings: Holdings
    let roster: Roster
    let logger: Logger
    let desk: RetryDesk?

    /// Runs until the task is cancelled, or ends at once with a TaskManager that never tells.
    func run() async {
        var failures = 0
        while !Task.isCancelled {
            do {
                guard let requests = try await taskManager.nextCancellations() else { return }
                failures = 0
                for request in requests {
                    if let entry = holdings.cancel(request) { Self.end(entry, roster, desk) }
                }
            } catch {
                if Task.isCancelled { return }
                failures += 1
                if failures == 1 {
                    logger.warning(
                        "the TaskManager does not tell which tasks are cancelled; asked again",
                        metadata: ["error": "\(error)"])
                }
                let delay = Backoff.exponentialJitter(initial: .milliseconds(200), cap: .seconds(10))
                    .delay(afterAttempt: failures, random: .random(in: 0.5..<1))
                // Only cancellation ends the sleep early, and the loop looks at that.
                do { try await Task.sleep(for: delay) } catch { return }
            }
        }
    }

    /// Ends the attempt of a task that has been noted as cancelled, be it running, or waiting for a slot or for its next
    /// attempt.
    static func end(_ entry: LeaseBook.Entry, _ roster: Roster, _ desk: RetryDesk?) {
        desk?.cancel(entry.leased)
        roster.proxy(entry.proxy)?.worker.stop(
            taskID: entry.leased.task.id, leaseToken: entry.leased.lease.token, reason: .cancelled)
    }
}
