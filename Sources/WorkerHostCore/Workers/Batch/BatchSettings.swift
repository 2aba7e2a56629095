/// How tasks are put together for one process (`workers[].batch`).
public struct BatchSettings: Sendable, Hashable {
    /// Most tasks that one process is given.
    public var size: Int
    /// How long tasks wait for more to come, as long as there are fewer than ``size``; zero for not at all.
    public var linger: Duration

    /// Batches with the defaults of the file.
    public init(size: Int = 16, linger: Duration = .zero) {
        self.size = max(1, size)
        self.linger = max(.zero, linger)
    }
}
