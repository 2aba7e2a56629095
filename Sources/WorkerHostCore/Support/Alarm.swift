/// Ends waits at their moments; for waits that mostly end before that.
///
/// A moment that is not before one already asked for costs nothing: at the earlier one is looked whether the wait is over.
/// So somebody who waits ten thousand times a second for a millisecond at most makes a timer a millisecond, not ten
/// thousand a second.
final class Alarm: Sendable {
    private struct Pending {
        let moment: MonotonicTime
        let timer: Task<Void, Never>
    }

    /// The latest first. Only an earlier one is ever added, so they end in turn.
    private let pending = Guarded<[Pending]>([])

    deinit {
        for pending in pending.withLock({ $0 }) { pending.timer.cancel() }
    }

    /// Asks at the moment, or before it, whether a wait is over: goes on with its task then, and asks again if it is not.
    /// - Parameter expire: must not hold this alarm.
    func set(_ moment: MonotonicTime, _ expire: @escaping @Sendable () -> SuspendedTask.Expiry) {
        pending.withLock { pending in
            if let next = pending.last, next.moment <= moment { return }
            // Owned by this alarm, which ends it with itself.
            let timer = Task { [weak self] in
                do { try await Task.sleep(for: MonotonicTime.now.duration(to: moment)) } catch { return }
                self?.remove(moment)
                let expiry = expire()
                if let next = expiry.next { self?.set(next, expire) }
                expiry.due?.resume()
            }
            pending.append(Pending(moment: moment, timer: timer))
        }
    }

    /// How many timers run.
    var count: Int { pending.withLock { $0.count } }

    private func remove(_ moment: MonotonicTime) {
        pending.withLock { $0.removeAll { $0.moment == moment } }
    }
}
