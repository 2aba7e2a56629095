/// What is known about how a worker speaks: whether it says that it is ready, and whether it serves more than one task.
final class WorkerSpeech: Sendable {
    private struct State {
        var saysReady = false
        var isProven = false
        var isOneshot = false
        var oneshot: SubprocessWorker?
    }

    private let state = Guarded(State())
    private let onOneshot: @Sendable () -> Void

    /// - Parameter onOneshot: called once, when the worker has turned out to serve one task a process.
    init(onOneshot: @escaping @Sendable () -> Void) {
        self.onOneshot = onOneshot
    }

    /// Whether the worker says when it is ready, so that it is given nothing before.
    var isKnown: Bool { state.withLock { $0.saysReady } }

    /// Takes all tasks once it turned out that the worker serves one task a process.
    var oneshot: SubprocessWorker? {
        get { state.withLock { $0.oneshot } }
        set { state.withLock { $0.oneshot = newValue } }
    }

    func noteReady() {
        state.withLock { state in
            state.saysReady = true
            state.isProven = true
        }
    }

    func noteSecondReply() { state.withLock { $0.isProven = true } }

    /// A process has ended.
    /// - Parameters:
    ///   - replies: how many tasks it answered.
    ///   - wasAskedTo: whether the host wanted it to end.
    /// - Returns: whether it has shown that the worker serves one task a process.
    func noteEnd(replies: Int, wasAskedTo: Bool) -> Bool {
        let (isOneshot, isNew) = state.withLock { state in
            guard replies == 1, !wasAskedTo, !state.isProven else { return (false, false) }
            defer { state.isOneshot = true }
            return (true, !state.isOneshot)
        }
        if isNew { onOneshot() }
        return isOneshot
    }
}
