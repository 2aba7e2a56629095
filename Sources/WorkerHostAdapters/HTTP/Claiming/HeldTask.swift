import WorkerHostCore

/// A task that the host has been given and whose outcome is not settled, or one that waits to be given.
struct HeldTask: Sendable {
    /// As it is given to the host.
    var leased: LeasedTask
    /// The type that was asked for.
    var type: String
    /// The newest claim of the task that this host has: only under this one the server takes a report.
    var worker: String
    /// When that claim ends.
    var goodUntil: MonotonicTime
    /// Not given to the host before this.
    var notBefore = MonotonicTime(nanoseconds: 0)
}
