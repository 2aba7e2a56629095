/// Reads one scalar as the type that its key wants, and records what is wrong with it.
struct ScalarReader {
    private let node: SourceNode
    private let log: IssueLog

    init(_ node: SourceNode, _ log: IssueLog) {
        self.node = node
        self.log = log
    }

    private func wrong(_ expectation: String, line: Int = #line) {
        log.error(node.origin, node.path, "this is \(node.kind)", expected: expectation, file: #fileID, line: line)
    }

    private func scalar(_ expectation: String) -> SourceNode.Scalar? {
        switch node.content {
        case .scalar(let scalar): return scalar
        case .invalid: return nil
        case .null, .list, .map:
            wrong(expectation)
            return nil
        }
    }

    /// A text; a number or `true` without quotes is none, unless it came from the environment.
    func text(allowsEmpty: Bool = true, expectation: String = "a text") -> String? {
        guard let scalar = scalar(expectation) else { return nil }
        if scalar.type != .text, !scalar.isSubstituted {
            wrong("\(expectation) (put it in quotes)")
            return nil
        }
        if scalar.text.isEmpty, !allowsEmpty {
            log.error(node.origin, node.path, "this text is empty", expected: expectation)
            return nil
        }
        if scalar.text.unicodeScalars.contains("\0") {
            log.error(node.origin, node.path, "this text holds a zero byte", expected: expectation)
            return nil
        }
        return scalar.text
    }

    /// Any scalar's text as it was written.
    func anyText(_ expectation: String) -> String? {
        guard let scalar = scalar(expectation) else { return nil }
        guard !scalar.text.unicodeScalars.contains("\0") else {
            log.error(node.origin, node.path, "this text holds a zero byte", expected: expectation)
            return nil
        }
        return scalar.text
    }

    static func expectation(_ range: ClosedRange<Int>) -> String {
        range.upperBound == .max
            ? "a whole number of at least \(range.lowerBound)"
            : "a whole number from \(range.lowerBound) to \(range.upperBound)"
    }

    static func expectation(_ range: ClosedRange<Duration>) -> String {
        "from \(DurationText.text(range.lowerBound)) to \(DurationText.text(range.upperBound))"
    }

    static func expectation<Choice>(_ type: Choice.Type) -> String
    where Choice: RawRepresentable<String> & CaseIterable {
        "one of \(type.allCases.map(\.rawValue).joined(separator: ", "))"
    }

    /// - Parameter word: what else may stand there, for the error's text.
    func int(in range: ClosedRange<Int>, orWord word: String? = nil) -> Int? {
        let expectation = Self.expectation(range) + (word.map { ", or \($0)" } ?? "")
        guard let scalar = scalar(expectation) else { return nil }
        guard scalar.type == .number || scalar.isSubstituted, let canonical = NumberText.canonical(scalar.text) else {
            wrong(expectation + (NumberText.canonical(scalar.text) == nil ? "" : " (remove the quotes)"))
            return nil
        }
        let whole = canonical.hasSuffix(".0") ? String(canonical.dropLast(2)) : canonical
        guard let value = Int(whole) else {
            wrong(expectation)
            return nil
        }
        guard range.contains(value) else {
            log.error(node.origin, node.path, "\(value) is out of range", expected: expectation)
            return nil
        }
        return value
    }

    /// `true` or `false`; also YAML 1.1's `yes`, `no`, `on` and `off`, which Python's reader takes for the same.
    func bool(_ expectation: String = "true or false") -> Bool? {
        guard let scalar = scalar(expectation) else { return nil }
        if scalar.isPlain || scalar.isSubstituted {
            switch scalar.text.lowercased() {
            case "true", "yes", "on": return true
            case "false", "no", "off": return false
            default: break
            }
        }
        wrong(expectation)
        return nil
    }

    /// - Parameter word: what else may stand there, for the error's text.
    func duration(in range: ClosedRange<Duration>, orWord word: String? = nil) -> Duration? {
        let expectation = DurationText.expectation + (word.map { ", or \($0)" } ?? "")
        guard let scalar = scalar(expectation) else { return nil }
        guard let duration = DurationText.parse(scalar.text) else {
            wrong(expectation)
            return nil
        }
        guard range.contains(duration) else {
            log.error(
                node.origin, node.path, "\(scalar.text) is out of range",
                expected: Self.expectation(range))
            return nil
        }
        return duration
    }

    func choice<Choice>(_ type: Choice.Type) -> Choice?
    where Choice: RawRepresentable<String> & CaseIterable {
        let names = type.allCases.map(\.rawValue)
        let expectation = Self.expectation(type)
        guard let scalar = scalar(expectation) else { return nil }
        if let choice = type.allCases.first(where: { $0.rawValue.lowercased() == scalar.text.lowercased() }) {
            return choice
        }
        let shown = scalar.isSubstituted ? "the value" : "'\(scalar.shownText)'"
        log.error(
            node.origin, node.path, "\(shown) is not known here", expected: expectation,
            nearest: NearestMatch.find(scalar.text, in: names))
        return nil
    }
}
