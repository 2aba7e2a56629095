/// Whether the TaskManager answers; tells observers when that changes, once and not per call.
final class TaskManagerContact: Sendable {
    private struct State {
        var isBroken = false
        var reason = ""
        var lastSuccess = MonotonicTime.now
    }

    private let state = Guarded(State())
    private let emit: @Sendable ([TaskEvent]) -> Void

    init(emit: @escaping @Sendable ([TaskEvent]) -> Void) {
        self.emit = emit
    }

    /// How long ago the last call was answered.
    var age: Duration { state.withLock { $0.lastSuccess.duration(to: .now) } }

    /// The last error, while there has been no answer since.
    var trouble: String? { state.withLock { $0.isBroken ? $0.reason : nil } }

    func succeeded() {
        let recovered = state.withLock { state in
            state.lastSuccess = .now
            defer { state.isBroken = false }
            return state.isBroken
        }
        if recovered { emit([.hostStateChanged(.taskManagerRecovered)]) }
    }

    func failed(_ reason: String) {
        let isNew = state.withLock { state in
            defer { state.isBroken = true }
            state.reason = reason
            return !state.isBroken
        }
        if isNew { emit([.hostStateChanged(.taskManagerUnavailable(reason: reason))]) }
    }
}
