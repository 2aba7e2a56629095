/// Python's level names, which are the file's.
public enum LogLevel: String, Sendable, Hashable, CaseIterable {
    /// Everything.
    case debug = "DEBUG"
    /// What an operator wants to follow.
    case info = "INFO"
    /// What may need a look.
    case warning = "WARNING"
    /// What went wrong.
    case error = "ERROR"
    /// What stops the host.
    case critical = "CRITICAL"
}
