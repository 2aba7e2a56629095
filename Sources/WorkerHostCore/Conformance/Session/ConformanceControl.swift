/// Ends the checks from outside, and gives their thread what it waits with.
final class ConformanceControl: Sendable {
    let wake: WakeDescriptor
    private let state = Guarded((isStopped: false, mustHurry: false))

    /// - Throws: ``SystemError`` when no descriptor is left.
    init() throws(SystemError) {
        wake = try WakeDescriptor()
    }

    /// Whether somebody wants an end.
    var isStopped: Bool { state.withLock { $0.isStopped } }

    /// Whether it is to come at once.
    var mustHurry: Bool { state.withLock { $0.mustHurry } }

    func stop(hurry: Bool) {
        state.withLock { state in
            state.isStopped = true
            state.mustHurry = state.mustHurry || hurry
        }
        wake.wake()
    }
}
