/// Whether the TaskManager answers; tells observers when that changes, once and not per call.
final class TaskManagerContact: Sendable {
    /// What the TaskManager is asked for. It may hand out tasks and take no outcomes: each is judged by itself.
    enum Call: Sendable, Hashable, CaseIterable {
        /// Takes outcomes.
        case report
        /// Takes the outcomes that an outbox keeps.
        case delivery
        /// Everything else.
        case other
    }

    private struct State {
        /// The last errors of the calls that were not answered since.
        var errors: [Call: String] = [:]
        var lastSuccess = MonotonicTime.now
    }

    private let state = Guarded(State())
    private let emit: @Sendable ([TaskEvent]) -> Void

    init(emit: @escaping @Sendable ([TaskEvent]) -> Void) {
        self.emit = emit
    }

    /// How long ago the last call was answered.
    var age: Duration { state.withLock { $0.lastSuccess.duration(to: .now) } }

    /// The last error of a call that has had no answer since.
    var trouble: String? {
        let errors = state.withLock { $0.errors }
        return Call.allCases.compactMap { errors[$0] }.first
    }

    func succeeded(_ call: Call = .other) {
        let recovered = state.withLock { state in
            state.lastSuccess = .now
            guard !state.errors.isEmpty else { return false }
            return state.errors.removeValue(forKey: call) != nil && state.errors.isEmpty
        }
        if recovered { emit([.hostStateChanged(.taskManagerRecovered)]) }
    }

    func failed(_ reason: String, _ call: Call = .other) {
        let isNew = state.withLock { state in
            defer { state.errors[call] = reason }
            return state.errors.isEmpty
        }
        if isNew { emit([.hostStateChanged(.taskManagerUnavailable(reason: reason))]) }
    }
}
