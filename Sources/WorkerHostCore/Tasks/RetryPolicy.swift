/// How often a failing task is tried and how long it waits in between.
public struct RetryPolicy: Sendable, Hashable {
    /// All attempts together, the first one included; at least 1.
    public var maxAttempts: Int
    /// The wait before the next attempt.
    public var backoff: Backoff

    /// A policy.
    public init(maxAttempts: Int = 3, backoff: Backoff = .exponentialJitter()) {
        self.maxAttempts = max(1, maxAttempts)
        self.backoff = backoff
    }

    /// What follows a failed attempt.
    public enum Decision: Sendable, Hashable {
        /// Try again after this delay.
        case retry(after: Duration)
        /// Do not.
        case giveUp
    }

    /// Decides about a task whose attempt number `attempt` (from 1) failed. A wait that the worker asked for is taken in
    /// place of the backoff.
    /// - Parameter random: a number in 0..<1, the jitter.
    public func decide(after failure: TaskFailure, attempt: Int, random: Double) -> Decision {
        guard failure.isRetriable, attempt < maxAttempts else { return .giveUp }
        return .retry(after: failure.retryAfter ?? backoff.delay(afterAttempt: attempt, random: random))
    }
}

/// The wait between attempts: exponential with full jitter, so that tasks which failed together do not return together.
public struct Backoff: Sendable, Hashable {
    /// The upper bound of the first wait.
    public var initial: Duration
    /// The upper bound of any wait.
    public var cap: Duration
    /// Each wait's bound is so many times the one before.
    public var multiplier: Double
    /// Whether the wait is drawn between zero and its bound (full jitter) or is the bound itself.
    public var jitter: Bool

    /// Exponential growth with full jitter.
    public static func exponentialJitter(
        initial: Duration = .seconds(1), cap: Duration = .seconds(300), multiplier: Double = 2
    ) -> Backoff {
        Backoff(initial: initial, cap: cap, multiplier: max(1, multiplier), jitter: true)
    }

    /// The same wait each time.
    public static func constant(_ delay: Duration) -> Backoff {
        Backoff(initial: delay, cap: delay, multiplier: 1, jitter: false)
    }

    /// The wait after attempt number `attempt` (from 1).
    /// - Parameter random: a number in 0..<1.
    public func delay(afterAttempt attempt: Int, random: Double) -> Duration {
        var bound = initial
        var step = 1
        while step < attempt, bound < cap {
            bound = min(cap, bound * multiplier)
            step += 1
        }
        bound = min(bound, cap)
        return jitter ? bound * random : bound
    }
}
