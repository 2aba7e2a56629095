import WorkerHostCore

/// How tasks are claimed.
struct ClaimSettings: Sendable {
    var pollInterval: Duration
    var claimTimeout: Duration
    /// The first wait after a failed claim.
    var retryBackoff: Duration
    /// Types that are registered in place of being looked up.
    var registrations: [String: TaskTypeRegistration] = [:]
}
