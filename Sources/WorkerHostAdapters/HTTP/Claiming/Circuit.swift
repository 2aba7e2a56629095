import WorkerHostCore

/// Whether claims are made: not while the TaskManager is down or refuses the key. One claim then tries again now and
/// then. No clock inside.
struct Circuit: Sendable {
    private let backoff: Backoff
    /// Failed claims since the last one that was answered.
    private(set) var failures = 0
    /// What the last one came to; nil while all is well.
    private(set) var trouble: String?
    private(set) var retryAt = MonotonicTime(nanoseconds: 0)
    /// Whether the one claim that tries is under way.
    private(set) var isProbing = false

    init(firstWait: Duration) {
        backoff = .exponentialJitter(
            initial: min(max(firstWait, .milliseconds(100)), .seconds(30)), cap: .seconds(30))
    }

    /// How many claims may be made now: none, one to try, or any number (nil).
    func allowance(_ now: MonotonicTime) -> Int? {
        guard trouble != nil else { return nil }
        return isProbing || now < retryAt ? 0 : 1
    }

    /// The one claim was sent.
    mutating func probed() { if trouble != nil { isProbing = true } }

    /// - Parameters:
    ///   - wait: what the server asks for.
    ///   - random: in 0..<1.
    mutating func failed(_ reason: String, _ now: MonotonicTime, wait: Duration? = nil, random: Double) {
        // What was under way together fails together: that counts once.
        guard trouble == nil || isProbing || now >= retryAt else {
            trouble = reason
            return
        }
        failures += 1
        trouble = reason
        isProbing = false
        let delay = backoff.delay(afterAttempt: failures, random: 0.5 + random / 2)
        retryAt = now.advanced(by: max(delay, min(wait ?? .zero, .seconds(300))))
    }

    /// A call was answered; true if the ones before were not.
    mutating func succeeded() -> Bool {
        guard trouble != nil else { return false }
        trouble = nil
        failures = 0
        isProbing = false
        return true
    }

    /// The claim that was to try came to nothing that says anything.
    mutating func probeUnused() { isProbing = false }
}
