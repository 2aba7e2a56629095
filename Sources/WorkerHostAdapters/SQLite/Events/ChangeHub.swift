import WorkerHostCore

/// Wakes those who wait for something to change in the queue.
///
/// Each channel counts its changes: who read the count before looking at the queue cannot miss a change in between.
final class ChangeHub: Sendable {
    /// What may have changed.
    enum Channel: Int, Sendable, CaseIterable {
        /// A task may have become claimable.
        case claimable
        /// A task may have been finished.
        case finished
        /// A task that is leased may have been cancelled.
        case cancelled

        /// What another program's write, which nobody announces, may have changed: only this library cancels.
        static let unannounced: [Channel] = [.claimable, .finished]
    }

    fileprivate struct Waiter {
        let channel: Channel
        let deadline: UInt64
        let continuation: CheckedContinuation<Void, Never>
    }

    fileprivate struct State {
        var changes = [UInt64](repeating: 0, count: Channel.allCases.count)
        var waiters: [UInt64: Waiter] = [:]
        var nextID: UInt64 = 0
        var isStopped = false
    }

    private let state = Guarded(State())

    /// The number of changes so far.
    func changes(_ channel: Channel) -> UInt64 { state.withLock { $0.changes[channel.rawValue] } }

    /// How many wait now.
    var waiterCount: Int { state.withLock { $0.waiters.count } }

    /// Wakes all who wait on the channel.
    func notify(_ channel: Channel) {
        let woken = state.withLock { state in
            state.changes[channel.rawValue] &+= 1
            return state.take { $0.channel == channel }
        }
        woken.forEach { $0.resume() }
    }

    /// Wakes everybody, now and from now on.
    func stop() {
        let woken = state.withLock { state in
            state.isStopped = true
            return state.take { _ in true }
        }
        woken.forEach { $0.resume() }
    }

    /// Who waits: until when at the latest, and for what.
    struct Waiting {
        /// nil if nobody waits.
        var deadline: UInt64?
        var channels: Set<Channel> = []
    }

    /// Wakes those whose time has passed.
    /// - Returns: what is waited for by the others.
    func expire(at now: UInt64) -> Waiting {
        let (woken, waiting) = state.withLock { state in
            let woken = state.take { $0.deadline <= now }
            var waiting = Waiting()
            for waiter in state.waiters.values {
                waiting.deadline = min(waiting.deadline ?? .max, waiter.deadline)
                waiting.channels.insert(waiter.channel)
            }
            return (woken, waiting)
        }
        woken.forEach { $0.resume() }
        return waiting
    }

    /// Returns when the channel has changed since `seen`, at the deadline, when the task is cancelled or all is stopped.
    /// - Parameters:
    ///   - deadline: in nanoseconds of ``MonotonicTime``.
    ///   - whenRegistered: called before the wait begins, to have the deadline watched.
    func wait(
        _ channel: Channel, since seen: UInt64, until deadline: UInt64, whenRegistered: @Sendable (UInt64) -> Void
    ) async {
        let id = state.withLock { state in
            state.nextID += 1
            return state.nextID
        }
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let isWaiting = state.withLock { state in
                    guard !state.isStopped, !Task.isCancelled, state.changes[channel.rawValue] == seen else {
                        return false
                    }
                    state.waiters[id] = Waiter(channel: channel, deadline: deadline, continuation: continuation)
                    return true
                }
                if isWaiting { whenRegistered(deadline) } else { continuation.resume() }
            }
        } onCancel: {
            let waiter = state.withLock { $0.waiters.removeValue(forKey: id) }
            waiter?.continuation.resume()
        }
    }
}

extension ChangeHub.State {
    fileprivate mutating func take(
        where isTaken: (ChangeHub.Waiter) -> Bool
    ) -> [CheckedContinuation<Void, Never>] {
        let ids = waiters.filter { isTaken($0.value) }.keys
        return ids.compactMap { waiters.removeValue(forKey: $0)?.continuation }
    }
}
