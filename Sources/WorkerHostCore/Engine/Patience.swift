/// How long a host that stops waits for what it cannot end by force.
struct Patience: Sendable {
    /// For worker processes, beyond their grace, and for Swift workers that were told to stop.
    var forcedEnd = Duration.seconds(20)
    /// For a TaskManager that does not answer, beyond the shutdown timeout.
    var reports = Duration.seconds(10)
    /// For a call of the TaskManager, a Swift worker or an observer that does not return.
    var others = Duration.seconds(15)
}
