/// A pause between two transactions of background work.
///
/// SQLite gives its write lock to whoever asks at the right moment, and waiting programs ask at intervals: work that
/// takes it again at once would keep them out.
struct Pause {
    private let start = ContinuousClock.now

    /// Sleeps as long as passed since the pause was made, at least 2 and at most 100 milliseconds.
    /// - Throws: `CancellationError`.
    func asLongAsItTook() async throws {
        let elapsed = ContinuousClock.now - start
        try await Task.sleep(for: min(max(elapsed, .milliseconds(2)), .milliseconds(100)))
    }
}
