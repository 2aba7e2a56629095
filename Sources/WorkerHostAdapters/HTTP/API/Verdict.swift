/// What an answer of the API means.
enum Verdict: Sendable, Hashable {
    /// It was done; where the bytes of `data` lie in the body.
    case done(data: Range<Int>?)
    /// There is no task to claim.
    case noTask
    /// The database had to give way to another call (deadlock, lock wait, the same row made twice): nothing was done, and
    /// the same call soon succeeds.
    case contention(String)
    /// The task is not claimed (any more): completed, failed or given back, perhaps by an earlier try of this call.
    case notClaimed
    /// Another claim holds the task.
    case claimedByAnother
    /// There is no such task.
    case unknownTask
    /// A text is too long for its column.
    case tooLong(String)
    /// The key is missing or wrong, or may not do this.
    case unauthorized(String)
    /// Too many calls; the wait that the server asks for, in seconds.
    case tooManyCalls(String, wait: Double?)
    /// The call is refused as it is, and will be every time.
    case refused(String)
    /// There is no API at this address.
    case wrongAddress(String)
    /// The server cannot answer now; the wait that it asks for, in seconds.
    case unavailable(String, wait: Double?)
}
