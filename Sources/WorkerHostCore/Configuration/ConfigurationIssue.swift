/// One thing that is wrong, or worth knowing, about a configuration.
public struct ConfigurationIssue: Sendable, Hashable {
    /// The file, or `environment variable NAME` if the value came from there.
    public var file: String
    /// The line, from 1; nil if the issue has no place in the file.
    public var line: Int?
    /// The column in Unicode scalars, from 1; nil if the issue has no place in the file.
    public var column: Int?
    /// The key, for example `workers[0].timeout`; empty for the file as a whole.
    public var keyPath: String
    /// What is wrong.
    public var message: String
    /// What was expected in its place.
    public var expectation: String?
    /// The nearest valid key or value.
    public var suggestion: String?

    /// An issue.
    public init(
        file: String, line: Int? = nil, column: Int? = nil, keyPath: String = "", message: String,
        expectation: String? = nil, suggestion: String? = nil
    ) {
        self.file = file
        self.line = line
        self.column = column
        self.keyPath = keyPath
        self.message = message
        self.expectation = expectation
        self.suggestion = suggestion
    }
}

extension ConfigurationIssue: CustomStringConvertible {
    /// For example `file.yaml:12:5: workers[0].timout: unknown key; did you mean 'timeout'?`
    public var description: String {
        var text = file
        if let line { text += ":\(line)" }
        if line != nil, let column { text += ":\(column)" }
        text += ": "
        if !keyPath.isEmpty { text += "\(keyPath): " }
        text += message
        if let expectation { text += "; expected \(expectation)" }
        if let suggestion { text += "; did you mean '\(suggestion)'?" }
        return text
    }
}
