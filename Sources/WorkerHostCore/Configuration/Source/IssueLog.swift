/// Collects what is found while one configuration is read.
final class IssueLog {
    private(set) var errors: [ConfigurationIssue] = []
    private(set) var warnings: [ConfigurationIssue] = []
    let file: String
    /// Which checks have found something, as `MODULE/File.swift:12`: by these a test finds those that nothing reaches.
    private(set) var sites: Set<String> = []
    /// What is found out about each key.
    let facts = FactLog()
    /// A file that is badly wrong must not fill the screen.
    private let limit = 200

    init(file: String) {
        self.file = file
    }

    /// - Parameters:
    ///   - file: where in this module the error is found; given by whoever only passes it on.
    ///   - line: its line.
    func error(
        _ origin: SourceNode.Origin?, _ path: String, _ message: String, expected: String? = nil,
        nearest: String? = nil, file: String = #fileID, line: Int = #line
    ) {
        guard errors.count < limit else { return }
        sites.insert("\(file):\(line)")
        errors.append(issue(origin, path, message, expected, nearest))
    }

    func warning(_ origin: SourceNode.Origin?, _ path: String, _ message: String, nearest: String? = nil) {
        warnings.append(issue(origin, path, message, nil, nearest))
    }

    private func issue(
        _ origin: SourceNode.Origin?, _ path: String, _ message: String, _ expected: String?, _ nearest: String?
    ) -> ConfigurationIssue {
        var issue = ConfigurationIssue(
            file: file, keyPath: path, message: message, expectation: expected, suggestion: nearest)
        switch origin {
        case .file(let line, let column): (issue.line, issue.column) = (line, column)
        case .variable(let name): issue.file = "environment variable \(name)"
        case nil: break
        }
        return issue
    }

    /// Issues in the order of the file, those without a place last, each once (an anchor is read at each alias).
    static func sorted(_ issues: [ConfigurationIssue]) -> [ConfigurationIssue] {
        var seen = Set<ConfigurationIssue>()
        return issues.enumerated().filter { seen.insert($0.element).inserted }.sorted { left, right in
            let first = (left.element.line ?? .max, left.element.column ?? .max, left.offset)
            return first < (right.element.line ?? .max, right.element.column ?? .max, right.offset)
        }.map(\.element)
    }
}
