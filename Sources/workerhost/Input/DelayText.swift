/// Reads a wait as users write it: `30`, `0.5`, `250ms`, `30s`, `5m`, `2h`, `1d`.
enum DelayText {
    /// What is accepted, for error texts.
    static let expectation = "a number of seconds that is not negative, or a text like 250ms, 30s, 5m, 2h or 1d"
    /// About a hundred years.
    private static let longest = 3.2e9

    /// The wait, or nil.
    static func parse(_ text: some StringProtocol) -> Duration? {
        let units: [(suffix: String, seconds: Double)] = [
            ("ms", 0.001), ("s", 1), ("m", 60), ("h", 3600), ("d", 86_400),
        ]
        var number = String(text)
        var factor = 1.0
        if let unit = units.first(where: { number.hasSuffix($0.suffix) }) {
            number.removeLast(unit.suffix.count)
            factor = unit.seconds
        }
        guard let first = number.utf8.first, first == 0x2E || (0x30...0x39).contains(first) else { return nil }
        guard number.utf8.allSatisfy({ (0x30...0x39).contains($0) || [0x2E, 0x65, 0x45, 0x2B, 0x2D].contains($0) }),
            let value = Double(number), value * factor <= longest
        else { return nil }
        return .microseconds(Int64((value * factor * 1_000_000).rounded()))
    }
}
