import Synchronization

/// How far a wait has come, for the progress line.
final class SeenCounts: Sendable {
    private let counts = Mutex((done: 0, failed: 0))

    /// Remembers how far it is.
    func set(done: Int, failed: Int) { counts.withLock { $0 = (done, failed) } }

    /// What the line shows.
    func snapshot(of total: Int) -> ProgressDisplay.Snapshot {
        let (done, failed) = counts.withLock { $0 }
        return ProgressDisplay.Snapshot(done: done, failed: failed, running: nil, waiting: total - done)
    }
}
