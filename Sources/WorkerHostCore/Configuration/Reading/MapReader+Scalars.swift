extension MapReader {
    /// From zero to a year: longer is a mistake.
    static let anyDuration: ClosedRange<Duration> = .zero ... .seconds(366 * 86_400)
    /// As above, without zero, where zero would mean that nothing can ever be done in time.
    static let positiveDuration: ClosedRange<Duration> = .milliseconds(1) ... .seconds(366 * 86_400)

    private func scalar(_ key: String) -> ScalarReader? {
        value(key).map { ScalarReader($0, log) }
    }

    func text(_ key: String, allowsEmpty: Bool = true) -> String? {
        scalar(key)?.text(allowsEmpty: allowsEmpty)
    }

    func int(_ key: String, in range: ClosedRange<Int>, orWord word: String? = nil) -> Int? {
        scalar(key)?.int(in: range, orWord: word)
    }

    func bool(_ key: String) -> Bool? {
        scalar(key)?.bool()
    }

    func duration(
        _ key: String, in range: ClosedRange<Duration> = positiveDuration, orWord word: String? = nil
    ) -> Duration? {
        scalar(key)?.duration(in: range, orWord: word)
    }

    func choice<Choice>(_ key: String, _ type: Choice.Type) -> Choice?
    where Choice: RawRepresentable<String> & CaseIterable {
        scalar(key)?.choice(type)
    }
}
