/// The tasks that wait here for their next attempt, for a TaskManager that does not delay retries itself. No clock inside.
struct RetryMachine<Payload: Sendable>: Sendable {
    private struct Waiting: Sendable {
        let leaseToken: String
        let due: MonotonicTime
        let payload: Payload
    }

    private var waiting: [String: Waiting] = [:]
    private(set) var isOpen = true
    /// When the first of them is due.
    private(set) var next: MonotonicTime?

    /// How many wait.
    var count: Int { waiting.count }

    /// Keeps a task until then; false once the machine is closed.
    mutating func wait(
        _ taskID: String, leaseToken: String, until due: MonotonicTime, _ payload: Payload
    ) -> Bool {
        guard isOpen else { return false }
        waiting[taskID] = Waiting(leaseToken: leaseToken, due: due, payload: payload)
        next = next.map { min($0, due) } ?? due
        return true
    }

    /// Takes out what is due, in the order in which it became due.
    mutating func due(_ now: MonotonicTime) -> [Payload] {
        guard let next, next <= now else { return [] }
        let due = waiting.filter { $0.value.due <= now }.sorted { $0.value.due < $1.value.due }
        for (id, _) in due { waiting[id] = nil }
        self.next = waiting.values.map(\.due).min()
        return due.map(\.value.payload)
    }

    /// Takes a task out that is not to run again, if it waits under this very lease.
    mutating func remove(_ taskID: String, leaseToken: String) -> Payload? {
        guard let entry = waiting[taskID], entry.leaseToken == leaseToken else { return nil }
        waiting[taskID] = nil
        next = waiting.values.map(\.due).min()
        return entry.payload
    }

    /// Nothing waits any more from now on; what did is returned, the next one first.
    mutating func close() -> [Payload] {
        isOpen = false
        defer {
            waiting = [:]
            next = nil
        }
        return waiting.values.sorted { $0.due < $1.due }.map(\.payload)
    }
}

/// What follows from a failed attempt where the host repeats tasks itself, under the lease that it holds.
enum HostRetry {
    enum Decision: Sendable, Hashable {
        /// Another attempt follows after the delay.
        case wait(Duration)
        /// None follows; the failure decides.
        case report
        /// One would follow, but could not end before the lease does.
        case leaseTooShort(wait: Duration)
    }

    /// - Parameters:
    ///   - attempt: the number of the attempt that failed, from 1.
    ///   - ranFor: how long it took; the next one is taken to need as long.
    ///   - left: how long attempts may still run under the lease; nil if it does not end.
    ///   - random: a number in 0..<1, the jitter.
    static func decide(
        _ failure: TaskFailure, attempt: Int, policy: RetryPolicy, ranFor: Duration, left: Duration?, random: Double
    ) -> Decision {
        guard !failure.kind.sparesTheAttempt,
            case .retry(let delay) = policy.decide(
                after: failure, attempt: attempt, random: random)
        else { return .report }
        guard let left, delay + ranFor >= left else { return .wait(delay) }
        return .leaseTooShort(wait: delay)
    }

    /// The final failure of a task whose next attempt does not fit into its lease.
    static func exhausted(
        _ failure: TaskFailure, attempt: Int, policy: RetryPolicy, wait: Duration, ranFor: Duration, left: Duration
    ) -> TaskFailure {
        var final = TaskFailure(
            kind: failure.kind, type: failure.type,
            message:
                "\(failure.message) (attempt \(attempt) of \(policy.maxAttempts); no other one is made: with a wait of "
                + "\(text(wait)) and a run of \(text(ranFor)) it could not end within the \(text(max(.zero, left))) that "
                + "its lease leaves: raise task_manager.claim_timeout, or lower the backoff)",
            isRetriable: false, traceback: failure.traceback, exitCode: failure.exitCode, usage: failure.usage,
            standardErrorTail: failure.standardErrorTail)
        final.retryAfter = failure.retryAfter
        return final
    }

    private static func text(_ duration: Duration) -> String {
        "\((duration.inSeconds * 10).rounded() / 10) s"
    }
}
