/// Wakes one waiting task; a call that comes while nobody waits is remembered, so that none is lost.
package final class Signal: Sendable {
    private struct State {
        var isSet = false
        var waiter = SuspendedTask()
    }

    private let state = Guarded(State())
    private let alarm = Alarm()

    package init() {}

    package func fire() {
        let waiter = state.withLock { state in
            if let waiter = state.waiter.take() { return Optional(waiter) }
            state.isSet = true
            return nil
        }
        waiter?.resume()
    }

    /// Waits for the next ``fire()``; returns early when the task is cancelled.
    package func wait() async { await wait(limit: nil) }

    /// Waits for the next ``fire()``, but not beyond the moment; returns early when the task is cancelled.
    package func wait(until moment: MonotonicTime) async {
        guard moment > .now else { return }
        await wait(limit: moment)
    }

    private func wait(limit: MonotonicTime?) async {
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let isReady = state.withLock { state in
                    if state.isSet || Task.isCancelled {
                        state.isSet = false
                        return true
                    }
                    state.waiter.suspend(continuation, until: limit)
                    return false
                }
                if isReady { return continuation.resume() }
                if let limit { alarm.set(limit) { [state] in state.withLock { $0.waiter.expire(.now) } } }
            }
        } onCancel: {
            state.withLock { $0.waiter.take() }?.resume()
        }
    }
}
