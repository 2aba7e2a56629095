/// How other threads reach a lane of a pool: they leave a request and wake it.
final class PoolLaneControl: Sendable {
    /// What somebody wants.
    enum Request: Sendable {
        case task(id: String, token: String, StopRequest)
        case all(StopRequest)
    }

    private struct State {
        var requests: [Request] = []
        /// The tasks that the process has, by id, with their lease.
        var tokens: [String: String] = [:]
        var isLeaving = false
    }

    let wake: WakeDescriptor
    private let state = Guarded(State())

    init() throws(SystemError) { wake = try WakeDescriptor() }

    /// Whether the lane takes no more tasks.
    var isLeaving: Bool { state.withLock { $0.isLeaving } }

    func leave() { state.withLock { $0.isLeaving = true } }

    func add(_ pending: [Lane.Pending]) {
        state.withLock { state in
            for entry in pending { state.tokens[entry.leased.task.id] = entry.leased.lease.token }
        }
    }

    func remove(_ leased: LeasedTask) { state.withLock { $0.tokens[leased.task.id] = nil } }

    func remove(_ ended: [AttemptOutcome]) {
        state.withLock { state in
            for outcome in ended { state.tokens[outcome.leased.task.id] = nil }
        }
    }

    /// Asks for the end of the task under this lease; false if the lane does not have it.
    func stop(taskID: String, leaseToken: String, _ request: StopRequest) -> Bool {
        let has = state.withLock { state in
            guard state.tokens[taskID] == leaseToken else { return false }
            state.requests.append(.task(id: taskID, token: leaseToken, request))
            return true
        }
        if has { wake.wake() }
        return has
    }

    /// Asks for the end of the process.
    func stop(_ request: StopRequest) {
        state.withLock { $0.requests.append(.all(request)) }
        wake.wake()
    }

    func takeRequests() -> [Request] {
        state.withLock { state in
            guard !state.requests.isEmpty else { return [] }
            defer { state.requests = [] }
            return state.requests
        }
    }
}
