/// The workers of a host: those that lease tasks, and those that a reload took out of use and that finish what they
/// run.
final class Roster: Sendable {
    private struct State {
        var active: [WorkerProxy] = []
        var leaving: [WorkerProxy] = []
        /// Ids of leaving ones that no claim can give a task to any more.
        var settled: Set<Int> = []
    }

    private let state = Guarded(State())
    /// Fires when a worker that leaves may have come to its end.
    let mayRetire = Signal()

    /// Those that lease tasks, in the order of the configuration.
    var active: [WorkerProxy] { state.withLock { $0.active } }

    /// All that may hold tasks.
    var all: [WorkerProxy] { state.withLock { $0.active + $0.leaving } }

    func proxy(_ id: Int) -> WorkerProxy? {
        state.withLock { state in
            state.active.first { $0.id == id } ?? state.leaving.first { $0.id == id }
        }
    }

    /// All of that name: those that were replaced, the oldest first, and the one that is in use.
    func proxies(named name: String) -> [WorkerProxy] {
        state.withLock { ($0.leaving + $0.active).filter { $0.configuration.name == name } }
    }

    /// Puts these workers in use; those that are not among them leave.
    func replace(with proxies: [WorkerProxy]) {
        let gone = state.withLock { state in
            let kept = Set(proxies.map(\.id))
            let gone = state.active.filter { !kept.contains($0.id) }
            state.leaving += gone
            state.active = proxies
            return gone
        }
        for proxy in gone { proxy.leave { [mayRetire] in mayRetire.fire() } }
    }

    /// All claims that were made before this call have been answered: those that leave get no more tasks.
    /// - Returns: those for which this is new.
    func claimsHaveEnded() -> [WorkerProxy] {
        let new = state.withLock { state in
            let new = state.leaving.filter { !state.settled.contains($0.id) }
            state.settled.formUnion(new.map(\.id))
            return new
        }
        if !new.isEmpty { mayRetire.fire() }
        return new
    }

    /// Takes out those that have left for good.
    func retired() -> [WorkerProxy] {
        let candidates = state.withLock { state in state.leaving.filter { state.settled.contains($0.id) } }
        let retired = Set(candidates.filter { $0.held == 0 }.map(\.id))
        guard !retired.isEmpty else { return [] }
        state.withLock { state in
            state.leaving.removeAll { retired.contains($0.id) }
            state.settled.subtract(retired)
        }
        return candidates.filter { retired.contains($0.id) }
    }
}
