import WorkerHostCore

/// How many calls are made at once: more as long as all goes well, fewer when the server's database makes calls give
/// way to each other.
///
/// Its deadlocks grow with the number of clients, and each costs more than it brings.
final class Pace: Sendable {
    private struct State {
        var limit: Double
        var shrunkAt = MonotonicTime(nanoseconds: 0)
        /// Whether calls have ever met in a deadlock.
        var hasMet = false
    }

    private static let calm = Duration.milliseconds(250)
    /// A server whose clients disturb each other is not met with all at once.
    private static let first = 8

    private let most: Int
    private let state: Guarded<State>
    private let client: HTTPClient

    init(_ client: HTTPClient, most: Int) {
        self.client = client
        self.most = most
        state = Guarded(State(limit: Double(min(most, Self.first))))
        client.setLimit(min(most, Self.first))
    }

    var limit: Int { state.withLock { Int($0.limit) } }

    /// Answers came, of which so many had met a deadlock.
    func note(answers: Int, contentions: Int) {
        let change = state.withLock { state -> Int? in
            let before = Int(state.limit)
            if contentions > 0 {
                let now = MonotonicTime.now
                // Those that met in one deadlock are one.
                guard state.shrunkAt.advanced(by: Self.calm) < now else { return nil }
                state.shrunkAt = now
                state.limit = max(1, state.limit * 0.7)
                state.hasMet = true
            } else {
                // Quickly until the first deadlock, slowly after it.
                let share = state.hasMet ? 4 * state.limit : state.limit
                state.limit = min(Double(most), state.limit + Double(answers) / share)
            }
            return Int(state.limit) == before ? nil : Int(state.limit)
        }
        if let change { client.setLimit(change) }
    }
}
