/// A task that waits, and the moment at which it goes on in any case; kept under its owner's lock.
struct SuspendedTask: Sendable {
    /// What an alarm finds: the task if its moment has come, or else the moment to look again; nothing if none waits.
    typealias Expiry = (due: CheckedContinuation<Void, Never>?, next: MonotonicTime?)

    private var continuation: CheckedContinuation<Void, Never>?
    private var limit: MonotonicTime?

    /// One at a time.
    mutating func suspend(_ continuation: CheckedContinuation<Void, Never>, until limit: MonotonicTime?) {
        self.continuation = continuation
        self.limit = limit
    }

    /// Hands over the task, to be resumed outside of the lock.
    mutating func take() -> CheckedContinuation<Void, Never>? { continuation.take() }

    /// An alarm rang, perhaps that of an earlier wait.
    mutating func expire(_ now: MonotonicTime) -> Expiry {
        guard continuation != nil, let limit else { return (nil, nil) }
        return limit <= now ? (take(), nil) : (nil, limit)
    }
}
