import Synchronization

/// Counts requests that are being answered, so that a stop can wait for them.
final class OpenRequests: Sendable {
    private struct State {
        var count = 0
        var isStopping = false
        var waiter: CheckedContinuation<Void, Never>?
    }

    private let state = Mutex(State())

    /// Whether connections are to end behind their answer.
    var isStopping: Bool { state.withLock { $0.isStopping } }

    /// - Returns: false if nothing is begun any more.
    func begin() -> Bool {
        state.withLock { state in
            guard !state.isStopping else { return false }
            state.count += 1
            return true
        }
    }

    func end() {
        let waiter = state.withLock { state in
            state.count -= 1
            return state.count == 0 ? state.waiter.take() : nil
        }
        waiter?.resume()
    }

    /// Lets nothing begin any more and returns when all is answered.
    func stop() async {
        await withCheckedContinuation { continuation in
            let isIdle = state.withLock { state in
                state.isStopping = true
                if state.count > 0 { state.waiter = continuation }
                return state.count == 0
            }
            if isIdle { continuation.resume() }
        }
    }
}
