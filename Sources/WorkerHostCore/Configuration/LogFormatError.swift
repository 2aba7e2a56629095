/// What is wrong with a log format.
public struct LogFormatError: Error, Sendable, Hashable, CustomStringConvertible {
    /// What is wrong.
    public let message: String
    /// What was expected.
    public let expectation: String?
    /// The nearest valid field.
    public let suggestion: String?

    init(_ message: String, expectation: String? = nil, suggestion: String? = nil) {
        self.message = message
        self.expectation = expectation
        self.suggestion = suggestion
    }

    /// What is wrong, what was expected, and the nearest field.
    public var description: String {
        var text = message
        if let expectation { text += "; expected \(expectation)" }
        if let suggestion { text += "; did you mean '\(suggestion)'?" }
        return text
    }
}
