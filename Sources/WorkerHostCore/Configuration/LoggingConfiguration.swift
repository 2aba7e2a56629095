/// The host's own log.
public struct LoggingConfiguration: Sendable, Hashable {
    /// Least level that is written.
    public var level: LogLevel
    /// A Python %-style format; nil for the default.
    public var format: String?
    /// The file; nil for standard error. Absolute.
    public var file: String?
    /// The file is rotated when it grows over so many bytes.
    public var maxBytes: Int
    /// So many rotated files are kept.
    public var backupCount: Int
    /// JSON lines in place of text.
    public var structured: Bool
    /// Whether the workers' own output goes to the log.
    public var captureWorkerOutput: Bool

    /// A log with the defaults of the file.
    public init(
        level: LogLevel = .info, format: String? = nil, file: String? = nil, maxBytes: Int = 10 << 20,
        backupCount: Int = 5, structured: Bool = false, captureWorkerOutput: Bool = true
    ) {
        self.level = level
        self.format = format
        self.file = file
        self.maxBytes = maxBytes
        self.backupCount = backupCount
        self.structured = structured
        self.captureWorkerOutput = captureWorkerOutput
    }
}
