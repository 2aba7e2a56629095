/// When to look at the queue again after somebody wrote to the log without announcing it.
///
/// The first look comes soon; the later ones are for a commit that becomes visible only after a slow disk has answered.
struct WriteEcho {
    private var soon: UInt64?
    private var later: UInt64?
    private var last: UInt64?

    /// The next look; nil for none.
    var next: UInt64? { [soon, later, last].compactMap { $0 }.min() }

    mutating func written(at now: UInt64) {
        if soon == nil { soon = now + 25_000_000 }
        later = now + 300_000_000
        last = now + 3_000_000_000
    }

    /// Whether a look is due, which is then taken as done.
    mutating func isDue(at now: UInt64) -> Bool {
        var isDue = false
        for moment in [\Self.soon, \Self.later, \Self.last] {
            guard let time = self[keyPath: moment], time <= now else { continue }
            self[keyPath: moment] = nil
            isDue = true
        }
        return isDue
    }
}
