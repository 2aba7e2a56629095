import Logging
import WorkerHostCore

/// The log of one run, as the configuration wants it.
struct HostLog: Sendable {
    private let level: Logger.Level
    private let line: LogLine
    private let output: any LogOutput

    /// Opens the log.
    /// - Throws: ``CommandFailure`` with exit code 2 if the file cannot be opened.
    init(_ configuration: LoggingConfiguration) throws(CommandFailure) {
        level = configuration.level.threshold
        var format = LogFormat.standard
        if let text = configuration.format {
            do throws(LogFormatError) { format = try LogFormat(text) } catch {
                throw CommandFailure(.usage, "logging.format: \(error)")
            }
        }
        line = LogLine(configuration.structured ? .structured : .text(format))
        if let file = configuration.file {
            output = try RotatingLogFile(
                path: file, maxBytes: configuration.maxBytes, backupCount: configuration.backupCount)
        } else {
            output = StandardErrorLog()
        }
    }

    /// Lines that could not be written and are not told about in the log.
    var lostLines: Int { output.lostLines }

    /// A logger that writes here; nothing of the process's own logging system is touched.
    func logger(_ label: String) -> Logger {
        Logger(label: label) { HostLogHandler(label: $0, level: level, line: line, output: output) }
    }
}
