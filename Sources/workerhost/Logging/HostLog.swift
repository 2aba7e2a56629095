import Logging
import WorkerHostCore

/// The log of one run, as the configuration wants it.
struct HostLog: Sendable {
    private let threshold: LogThreshold
    private let line: LogLine
    private let output: any LogOutput

    /// Opens the log.
    /// - Throws: ``CommandFailure`` with exit code 2 if the file cannot be opened.
    init(_ configuration: LoggingConfiguration) throws(CommandFailure) {
        threshold = LogThreshold(configuration.level.threshold)
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

    /// Changes the least level that is written, for all loggers made here.
    func setLevel(_ level: LogLevel) { threshold.level = level.threshold }

    /// A logger that writes here; nothing of the process's own logging system is touched.
    func logger(_ label: String) -> Logger { logger(label, output) }

    /// A logger whose lines are gathered until the function that comes with it is called, or there are many.
    func gatheringLogger(_ label: String) -> (logger: Logger, flush: @Sendable () -> Void) {
        let gathered = GatheredLog(output)
        return (logger(label, gathered), { gathered.flush() })
    }

    private func logger(_ label: String, _ output: any LogOutput) -> Logger {
        Logger(label: label) { HostLogHandler(label: $0, threshold: threshold, line: line, output: output) }
    }
}
