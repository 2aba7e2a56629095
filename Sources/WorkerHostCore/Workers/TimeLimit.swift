/// How long an attempt may run, and what sets the limit.
struct TimeLimit: Sendable, Hashable {
    let duration: Duration
    /// The task's own deadline comes before the worker's timeout.
    var isDeadline = false

    /// What was not kept, for texts: `its timeout (5 s)`.
    var text: String {
        let seconds = (duration.inSeconds * 1000).rounded() / 1000
        let number = seconds.rounded() == seconds && seconds < 1e15 ? String(Int(seconds)) : String(seconds)
        return isDeadline ? "the \(number) s that were left until the task's deadline" : "its timeout (\(number) s)"
    }

    /// What helps.
    var advice: String {
        isDeadline ? "give the task a later deadline, or run more at once" : "raise it, or make the task smaller"
    }
}
