/// How many tasks one process of a batch is given, by the measured run time of the worker's tasks.
///
/// A batch is as large as what runs in ``horizon``, so that a slow worker's tasks are spread over its processes; one slow
/// task counts for long.
struct BatchDepth: Sendable {
    /// What is given to one process is over within this time.
    static let horizon = Duration.seconds(1)
    /// How much a slow task still counts after one more quick one.
    private static let memory = 0.97

    let most: Int
    private var slowMicroseconds: Double?

    init(most: Int) {
        self.most = most
    }

    /// Takes the run time of a task that has ended.
    mutating func note(_ runTime: Duration) {
        let sample = Swift.max(1, Double(runTime.wholeMicroseconds))
        slowMicroseconds = Swift.max(sample, (slowMicroseconds ?? 0) * Self.memory)
    }

    /// How many tasks a process is given; the most before anything was measured.
    var depth: Int {
        guard let slowMicroseconds else { return most }
        return Swift.max(1, Swift.min(most, Int(Double(Self.horizon.wholeMicroseconds) / slowMicroseconds)))
    }
}
