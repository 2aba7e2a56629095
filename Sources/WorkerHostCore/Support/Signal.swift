/// Wakes one waiting task; a call that comes while nobody waits is remembered, so that none is lost.
package final class Signal: Sendable {
    private struct State {
        var isSet = false
        var waiter: CheckedContinuation<Void, Never>?
    }

    private let state = Guarded(State())

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
    package func wait() async {
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let isReady = state.withLock { state in
                    if state.isSet || Task.isCancelled {
                        state.isSet = false
                        return true
                    }
                    state.waiter = continuation
                    return false
                }
                if isReady { continuation.resume() }
            }
        } onCancel: {
            state.withLock { $0.waiter.take() }?.resume()
        }
    }

    /// Waits for the next ``fire()``, but not beyond the moment.
    package func wait(until moment: MonotonicTime) async {
        let rest = MonotonicTime.now.duration(to: moment)
        guard rest > .zero else { return }
        await withDiscardingTaskGroup { group in
            group.addTask {
                // A cancelled sleep means that the signal came first.
                do { try await Task.sleep(for: rest) } catch { return }
                self.fire()
            }
            await wait()
            group.cancelAll()
        }
    }
}
