/// Waits for work of others (observers, adapters, Swift workers) that may never end.
enum BoundedWait {
    /// Runs `work` and waits for its end, but not beyond `limit`: then it is cancelled and left alone.
    /// - Returns: whether it ended.
    static func run(atMost limit: Duration, _ work: @escaping @Sendable () async -> Void) async -> Bool {
        let hasEnded = Guarded(false)
        let ended = Signal()
        let task = Task {
            await work()
            hasEnded.withLock { $0 = true }
            ended.fire()
        }
        let end = MonotonicTime.now.advanced(by: limit)
        while !hasEnded.withLock({ $0 }), MonotonicTime.now < end, !Task.isCancelled { await ended.wait(until: end) }
        if hasEnded.withLock({ $0 }) { return true }
        task.cancel()
        return false
    }
}
