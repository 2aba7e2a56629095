/// Why a configuration cannot be used: everything that is wrong with it, in the order of the file.
public struct ConfigurationError: Error, Sendable, Hashable {
    /// What is wrong; at least one issue.
    public let issues: [ConfigurationIssue]

    /// An error of these issues.
    public init(issues: [ConfigurationIssue]) {
        self.issues = issues
    }
}

extension ConfigurationError: CustomStringConvertible {
    /// One line an issue.
    public var description: String {
        issues.map(\.description).joined(separator: "\n")
    }
}
