import WorkerHostCore

/// What is known about one task type, and how it is claimed. No clock inside.
struct TypeState: Sendable {
    /// The server's number for it; nil until it is known.
    var id: String?
    /// Whether it is being looked up.
    var isLookedUp = false
    var lookUpAt = MonotonicTime(nanoseconds: 0)
    var failedLookUps = 0
    /// Whether the server refused to register it: it is only looked up then.
    var isRegistrationRefused = false
    /// Claims under way.
    var inFlight = 0
    /// Most claims under way: one to find out whether there is anything, more after each hit.
    var window = 1
    /// When it may be asked for.
    var dueAt = MonotonicTime(nanoseconds: 0)
    /// Whose turn it is: the one that was asked for longest ago.
    var lastAsked = 0
    /// What was said about it already.
    var told: Set<ClaimNotice.Kind> = []

    /// There was a task: there may be more at once.
    mutating func hit(_ now: MonotonicTime, most: Int) {
        window = min(window + 1, max(1, most))
        dueAt = now
    }

    /// There was none: one claim finds out whether there is again, not before the interval is over.
    mutating func empty(_ now: MonotonicTime, interval: Duration, random: Double) {
        window = 1
        dueAt = now.advanced(by: interval * (0.75 + random / 4))
    }
}

/// Something that the log should say.
struct ClaimNotice: Sendable, Hashable {
    enum Kind: Sendable, Hashable {
        case unknownType
        case registrationRefused
        case claimedAgain
        case limited
        case refused
    }

    let kind: Kind
    let message: String
    let type: String
    let taskID: String?
}
