/// Every key is read through one of these: what holds for it, be it given or the default, is recorded for `explain`.
extension MapReader {
    /// From zero to a year: longer is a mistake.
    static let anyDuration: ClosedRange<Duration> = .zero ... .seconds(366 * 86_400)
    /// As above, without zero, where zero would mean that nothing can ever be done in time.
    static let positiveDuration: ClosedRange<Duration> = .milliseconds(1) ... .seconds(366 * 86_400)

    func scalar(_ key: String) -> ScalarReader? {
        value(key).map { ScalarReader($0, log) }
    }

    /// Records what holds for a key, and gives it.
    /// - Parameters:
    ///   - read: what was read; nil if nothing was given, or nothing usable.
    ///   - standard: what holds if nothing is given.
    ///   - basis: the key or the thing that the default follows.
    ///   - absence: what holds where there is no value at all.
    @discardableResult
    func noted<Value: FactValue>(
        _ key: String, _ read: Value?, default standard: Value?, from basis: String? = nil, absence: String = "none",
        expectation: String
    ) -> Value? {
        note(key, read, default: standard, from: basis, absence: absence, expectation: expectation)
        return read ?? standard
    }

    /// As ``noted(_:_:default:from:absence:expectation:)``, for values that may be of several types.
    func note(
        _ key: String, _ read: (any FactValue)?, default standard: (any FactValue)?, from basis: String? = nil,
        absence: String = "none", expectation: String
    ) {
        log.facts.record(
            path(key), value(key), value: read, standard: standard, from: basis, absence: absence,
            expectation: expectation)
    }

    func text(
        _ key: String, allowsEmpty: Bool = true, default standard: String? = nil, from basis: String? = nil,
        absence: String = "none", expectation: String = "a text"
    ) -> String? {
        noted(
            key, scalar(key)?.text(allowsEmpty: allowsEmpty, expectation: expectation), default: standard, from: basis,
            absence: absence, expectation: expectation)
    }

    /// A path, made absolute.
    func path(
        _ key: String, _ resolve: (String) -> String, default standard: String? = nil, from basis: String? = nil,
        absence: String = "none", expectation: String = "a path"
    ) -> String? {
        let read = scalar(key)?.text(allowsEmpty: false, expectation: expectation)
        return noted(
            key, read.map(resolve), default: standard, from: basis, absence: absence, expectation: expectation)
    }

    func int(
        _ key: String, in range: ClosedRange<Int>, default standard: Int? = nil, from basis: String? = nil,
        absence: String = "none"
    ) -> Int? {
        noted(
            key, scalar(key)?.int(in: range), default: standard, from: basis, absence: absence,
            expectation: ScalarReader.expectation(range))
    }

    func int(_ key: String, in range: ClosedRange<Int>, default standard: Int, from basis: String? = nil) -> Int {
        int(key, in: range, default: Optional(standard), from: basis) ?? standard
    }

    func bool(_ key: String, default standard: Bool, from basis: String? = nil) -> Bool {
        let expectation = "true or false"
        return noted(
            key, scalar(key)?.bool(expectation), default: standard, from: basis, expectation: expectation) ?? standard
    }

    func duration(
        _ key: String, in range: ClosedRange<Duration> = positiveDuration, default standard: Duration,
        from basis: String? = nil
    ) -> Duration {
        let read = scalar(key)?.duration(in: range)
        return noted(key, read, default: standard, from: basis, expectation: Self.expectation(range)) ?? standard
    }

    static func expectation(_ range: ClosedRange<Duration>) -> String {
        "\(DurationText.expectation), \(ScalarReader.expectation(range))"
    }

    func choice<Choice>(_ key: String, _ type: Choice.Type) -> Choice?
    where Choice: RawRepresentable<String> & CaseIterable {
        noteChoice(key, scalar(key)?.choice(type), default: nil)
    }

    func choice<Choice>(_ key: String, default standard: Choice) -> Choice
    where Choice: RawRepresentable<String> & CaseIterable {
        noteChoice(key, scalar(key)?.choice(Choice.self), default: standard) ?? standard
    }

    func noteChoice<Choice>(_ key: String, _ read: Choice?, default standard: Choice?) -> Choice?
    where Choice: RawRepresentable<String> & CaseIterable {
        noted(
            key, read?.rawValue, default: standard?.rawValue, expectation: ScalarReader.expectation(Choice.self))
        return read ?? standard
    }

    /// Records a value that is kept as it is.
    func noteFree(_ key: String, isUsable: Bool, expectation: String, absence: String = "none") {
        let read = isUsable ? value(key).map { Masking.masked($0).rawJSON() } : nil
        noted(key, read, default: nil, absence: absence, expectation: expectation)
    }
}
