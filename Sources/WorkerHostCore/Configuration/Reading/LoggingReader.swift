/// Reads `logging`.
struct LoggingReader {
    let log: IssueLog
    let paths: PathResolver

    func read(_ top: MapReader) -> LoggingConfiguration {
        var logging = LoggingConfiguration()
        guard let section = top.section("logging", keys: ConfigurationReader.keys("logging")) else { return logging }
        logging.level = level(section, logging.level)
        logging.format = format(section)
        logging.file = section.path("file", paths.absolute, absence: "standard error")
        logging.maxBytes = section.int("max_bytes", in: 0...Int.max, default: logging.maxBytes)
        logging.backupCount = section.int("backup_count", in: 0...100_000, default: logging.backupCount)
        logging.structured = section.bool("structured", default: logging.structured)
        logging.captureWorkerOutput = section.bool("capture_worker_output", default: logging.captureWorkerOutput)
        return logging
    }

    /// The format that is given and can be used.
    private func format(_ section: MapReader) -> String? {
        var format = section.scalar("format")?.text(allowsEmpty: false)
        do {
            if let given = format { _ = try LogFormat(given) }
        } catch {
            section.error("format", error.message, expected: error.expectation, nearest: error.suggestion)
            format = nil
        }
        section.noted(
            "format", format, default: LogFormat.standard.text, expectation: "a format in Python's %-style")
        return format
    }

    /// Python's names in any case, with its two other spellings.
    private func level(_ section: MapReader, _ standard: LogLevel) -> LogLevel {
        var other: LogLevel?
        if case .scalar(let scalar)? = section.value("level")?.content {
            switch scalar.text.uppercased() {
            case "WARN": other = .warning
            case "FATAL": other = .critical
            default: break
            }
        }
        let level = other ?? section.scalar("level")?.choice(LogLevel.self)
        return section.noteChoice("level", level, default: standard) ?? standard
    }
}
