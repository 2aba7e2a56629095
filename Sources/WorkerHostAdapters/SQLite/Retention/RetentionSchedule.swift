import WorkerHostCore

/// When the next removal of old tasks can bring anything.
struct RetentionSchedule: Sendable, Equatable {
    /// Not before so much time has passed.
    var leastWait: Duration = .seconds(60)
    /// After so much time at the latest; nil for never.
    var wait: Duration?
    /// Earlier, once so many more tasks were finished here; nil if their number does not matter.
    var finished: Int?

    init() {}

    /// What follows from a pass that has looked at all finished tasks.
    init(
        _ scans: [RetentionScan], now: Timestamp, leastAge: Duration, interval: Duration
    ) {
        // The looks stay below a hundredth of the time, however many tasks are kept.
        leastWait = max(interval, min(scans.reduce(.zero) { $0 + $1.took } * 100, .seconds(600)))
        for scan in scans where scan.hasRules {
            if let age = scan.age {
                // A little later than the oldest is due, so that several go together.
                let slack = min(age / 100, .seconds(3600))
                let due = (scan.oldestKept ?? now).advanced(by: age + slack)
                earlier(now.duration(to: due))
            }
            if scan.isOverfull { earlier(leastAge) }
            if let most = scan.most {
                // Other hosts finish tasks too: this one looks again long before its own share fills the room.
                finished = min(finished ?? .max, max(1, (most - scan.kept) / 4))
            }
        }
        wait = wait.map { max($0, leastWait) }
    }

    private mutating func earlier(_ duration: Duration) {
        wait = min(wait ?? duration, duration)
    }
}
