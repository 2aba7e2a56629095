/// Calls its owner at moments, for waits that mostly end before theirs.
///
/// A moment that is not before one already asked for costs nothing: the owner is called at the earlier one, looks
/// whether its wait is over, and asks again if it is not. So somebody who waits ten thousand times a second for a
/// millisecond at most makes a timer a millisecond, not ten thousand a second.
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

    /// Calls `ring` at the moment, or an earlier `ring` before it. `ring` must not hold the owner of the alarm.
    func set(_ moment: MonotonicTime, _ ring: @escaping @Sendable () -> Void) {
        pending.withLock { pending in
            if let next = pending.last, next.moment <= moment { return }
            // Owned by this alarm, which ends it with itself.
            let timer = Task { [weak self] in
                do { try await Task.sleep(for: MonotonicTime.now.duration(to: moment)) } catch { return }
                self?.remove(moment)
                ring()
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
