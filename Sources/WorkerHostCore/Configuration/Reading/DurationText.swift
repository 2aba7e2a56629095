/// Reads `30`, `0.5`, `250ms`, `30s`, `5m`, `2h` and `1d`.
enum DurationText {
    static let expectation = "a number of seconds, or a text like 250ms, 30s, 5m, 2h or 1d"

    static func parse(_ text: String) -> Duration? {
        let units: [(String, Double)] = [("ms", 0.001), ("s", 1), ("m", 60), ("h", 3600), ("d", 86_400)]
        let unit = units.first { text.hasSuffix($0.0) }
        var number = text
        if let unit { number.removeLast(unit.0.count) }
        while number.last == " " { number.removeLast() }
        guard let canonical = NumberText.canonical(number), let value = Double(canonical) else { return nil }
        let seconds = value * (unit?.1 ?? 1)
        // Past any limit that is checked later, and small enough not to trap.
        guard seconds.magnitude < 1e12 else { return .seconds(seconds < 0 ? -1_000_000_000_000 : 1_000_000_000_000) }
        return .microseconds(Int64((seconds * 1e6).rounded()))
    }

    static func text(_ duration: Duration) -> String {
        let seconds = duration.inSeconds
        if seconds >= 86_400 { return "\(number(seconds / 86_400))d" }
        return seconds < 1 ? "\(number(seconds * 1000))ms" : "\(number(seconds))s"
    }

    private static func number(_ value: Double) -> String {
        value.rounded() == value && value.magnitude < 1e15 ? String(Int(value)) : String(value)
    }
}
