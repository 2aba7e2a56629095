import WorkerHostCore

/// What this API keeps of a task beyond what the queue does.
struct TaskNote: Sendable {
    /// The last progress that was reported; it outlives the attempt.
    var progress = 0
    /// Attempts that the queue does not know of: claims that were handed on.
    var handedOn = 0
    /// The result that came with a failure.
    var partial: RawJSON?
    /// The error text that came with a success.
    var error: String?

    var isEmpty: Bool { progress == 0 && handedOn == 0 && partial == nil && error == nil }
}
