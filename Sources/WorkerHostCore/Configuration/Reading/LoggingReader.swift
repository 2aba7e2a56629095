/// Reads `logging`.
struct LoggingReader {
    let log: IssueLog
    let paths: PathResolver

    func read(_ top: MapReader) -> LoggingConfiguration {
        var logging = LoggingConfiguration()
        guard let section = top.map("logging", keys: ConfigurationReader.keys("logging")) else { return logging }
        if let level = level(section) { logging.level = level }
        if let format = section.text("format", allowsEmpty: false) {
            do {
                _ = try LogFormat(format)
                logging.format = format
            } catch {
                section.error("format", error.message, expected: error.expectation, nearest: error.suggestion)
            }
        }
        if let file = section.text("file", allowsEmpty: false) { logging.file = paths.absolute(file) }
        if let bytes = section.int("max_bytes", in: 0...Int.max) { logging.maxBytes = bytes }
        if let count = section.int("backup_count", in: 0...100_000) { logging.backupCount = count }
        if let structured = section.bool("structured") { logging.structured = structured }
        if let captured = section.bool("capture_worker_output") { logging.captureWorkerOutput = captured }
        return logging
    }

    /// Python's names in any case, with its two other spellings.
    private func level(_ section: MapReader) -> LogLevel? {
        guard let value = section.value("level") else { return nil }
        if case .scalar(let scalar) = value.content {
            switch scalar.text.uppercased() {
            case "WARN": return .warning
            case "FATAL": return .critical
            default: break
            }
        }
        return section.choice("level", LogLevel.self)
    }
}
