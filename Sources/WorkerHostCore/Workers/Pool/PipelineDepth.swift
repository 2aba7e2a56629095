/// How many tasks a process is given at once, by the measured run time of the worker's tasks.
///
/// What is written to a process cannot be taken back, so a task behind a slow one waits although another process may be
/// free. Therefore only tasks of which many run in ``horizon`` are given ahead; one slow task counts for long.
struct PipelineDepth: Sendable {
    /// What is given ahead is over within this time.
    static let horizon = Duration.milliseconds(2)
    /// How much a slow task still counts after one more quick one.
    private static let memory = 0.97

    let most: Int
    private let horizon: Duration
    private let unknown: Int
    private var slowMicroseconds: Double?

    /// - Parameter unknown: the depth before anything was measured.
    init(most: Int, horizon: Duration = PipelineDepth.horizon, unknown: Int = 1) {
        self.most = most
        self.horizon = horizon
        self.unknown = unknown
    }

    /// Takes the run time of a task that has ended.
    mutating func note(_ runTime: Duration) {
        let sample = Swift.max(1, Double(runTime.wholeMicroseconds))
        slowMicroseconds = Swift.max(sample, (slowMicroseconds ?? 0) * Self.memory)
    }

    /// How many tasks a process may hold.
    var depth: Int {
        guard let slowMicroseconds else { return unknown }
        return Swift.max(1, Swift.min(most, Int(Double(horizon.wholeMicroseconds) / slowMicroseconds)))
    }
}
