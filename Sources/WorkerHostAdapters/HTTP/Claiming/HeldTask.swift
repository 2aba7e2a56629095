import WorkerHostCore

/// A claimed task: one that waits to be given to the host, or that the host has and whose outcome is not settled.
struct HeldTask: Sendable {
    /// One claim of a task.
    struct Claim: Sendable {
        /// As it is given to the host.
        var leased: LeasedTask
        /// The text that it was made under; the server takes a report under no other.
        let worker: String
        /// When it ends.
        let goodUntil: MonotonicTime
    }

    /// The claim under which the host has it.
    var claim: Claim
    /// The type that was asked for.
    let type: String
    /// Not given to the host before this.
    var notBefore = MonotonicTime(nanoseconds: 0)
    /// A claim that was made of the same task later, while the host has it under the one before.
    var newer: Claim?
    /// An outcome is on its way, so that the server may have handed the task out again for a good reason.
    var isBeingReported = false

    var id: String { claim.leased.task.id }

    func isUnder(_ lease: Lease) -> Bool { claim.leased.lease.token == lease.token }
}
