/// Whether a worker's tasks may be leased: opens when its processes cannot start, lets a probe through after a while,
/// and closes when one started. No clock inside.
struct BreakerMachine: Sendable {
    /// What changed.
    enum Change: Sendable, Hashable {
        /// The worker is unavailable from now on.
        case opened
        /// The worker works again.
        case closed
    }

    private enum State: Sendable, Hashable {
        case closed(failures: Int)
        case open(until: MonotonicTime, tries: Int)
        case probing(tries: Int)
    }

    /// So many starts in a row must fail.
    static let threshold = 3
    private static let firstWait = Duration.seconds(1)
    private static let longestWait = Duration.seconds(60)

    private var state = State.closed(failures: 0)
    /// Why the last start failed.
    private(set) var lastReason = ""

    /// Whether the worker is in use.
    var isClosed: Bool {
        if case .closed = state { true } else { false }
    }

    /// How many probes have failed since it opened.
    var failedProbes: Int {
        switch state {
        case .closed: 0
        case .open(_, let tries), .probing(let tries): tries
        }
    }

    /// How many of `wanted` tasks may be leased now.
    mutating func allowance(_ wanted: Int, _ now: MonotonicTime) -> Int {
        switch state {
        case .closed(let failures): return failures == 0 ? wanted : min(wanted, 1)
        case .open(let until, let tries) where now >= until:
            state = .probing(tries: tries)
            return min(wanted, 1)
        case .open, .probing: return 0
        }
    }

    /// When the next probe may go; nil if nothing needs to be waited for.
    var nextProbe: MonotonicTime? {
        if case .open(let until, _) = state { until } else { nil }
    }

    mutating func started() -> Change? {
        let wasClosed = isClosed
        state = .closed(failures: 0)
        return wasClosed ? nil : .closed
    }

    mutating func startFailed(_ reason: String, _ now: MonotonicTime) -> Change? {
        lastReason = reason
        switch state {
        case .closed(let failures) where failures + 1 < Self.threshold:
            state = .closed(failures: failures + 1)
            return nil
        case .closed:
            state = .open(until: now.advanced(by: Self.firstWait), tries: 0)
            return .opened
        case .open:
            // Begun before it opened, on another slot: says nothing new.
            return nil
        case .probing(let tries):
            let wait = min(Self.longestWait, Self.firstWait * (1 << min(tries + 1, 10)))
            state = .open(until: now.advanced(by: wait), tries: tries + 1)
            return nil
        }
    }

    /// A probe found no task to try with: the next may go at once.
    mutating func probeUnused(_ now: MonotonicTime) {
        if case .probing(let tries) = state { state = .open(until: now, tries: tries) }
    }
}
