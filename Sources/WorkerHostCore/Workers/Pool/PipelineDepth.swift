/// How many tasks a process is given at once, by the measured run time of the worker's tasks.
///
/// What is written to a process cannot be taken back, so a task behind a slow one waits although another process may be
/// free. Therefore only tasks of which many run in ``horizon`` are given ahead; one slow task counts for long. Shorter
/// times count little by little: they may be a process that had to wait for a processor.
struct PipelineDepth: Sendable {
    /// What is given ahead is over within this time.
    static let horizon = Duration.milliseconds(2)
    /// Nothing is given ahead for so long after a slow task.
    static let memory = Duration.seconds(2)
    /// From here on a task counts as slow.
    private static let slow = Duration.milliseconds(25)
    /// More than that a single task does not count in the mean.
    private static let outlier = Duration.milliseconds(4)

    let most: Int
    private(set) var mean: Double?
    /// That of the tasks that are not slow.
    private var quickMean: Double?
    /// The part of its tasks' time in which a process has a processor.
    private var busy = 0.0
    /// The same of slow tasks alone.
    private var slowBusy = 0.0
    private var slowUntil: MonotonicTime?

    init(most: Int) {
        self.most = most
    }

    /// Takes the run times of some tasks that have ended now.
    mutating func note(mean runTime: Duration, longest: Duration, busy: Double = 0, _ now: MonotonicTime) {
        self.busy += (busy - self.busy) / 8
        if longest >= Self.slow {
            slowUntil = now.advanced(by: Self.memory)
            slowBusy += (busy - slowBusy) / 2
        }
        // An outlier is remembered as one; it does not make the others slow.
        let sample = Double(Swift.min(runTime, Self.outlier).wholeMicroseconds)
        mean = mean.map { $0 + (sample - $0) / 8 } ?? sample
        if longest < Self.slow { quickMean = quickMean.map { $0 + (sample - $0) / 8 } ?? sample }
    }

    /// Whether the tasks that are not slow end before a thread that sleeps would be awake again.
    var isQuick: Bool { (quickMean ?? .infinity) < ShortSpin.longest }

    /// Whether there are slow tasks among them.
    private func hasSlow(_ now: MonotonicTime) -> Bool { slowUntil.map { now < $0 } ?? false }

    /// Whether there are slow tasks among them, and these wait for something most of their time.
    func hasWaiting(_ now: MonotonicTime) -> Bool { hasSlow(now) && slowBusy < 0.5 }

    /// Whether the tasks do little but compute.
    var isComputing: Bool { busy > 0.6 }

    /// How many tasks a process may hold now.
    func depth(_ now: MonotonicTime) -> Int {
        guard let mean else { return 1 }
        if hasSlow(now) { return 1 }
        return Swift.max(1, Swift.min(most, Int(Double(Self.horizon.wholeMicroseconds) / Swift.max(1, mean))))
    }
}
