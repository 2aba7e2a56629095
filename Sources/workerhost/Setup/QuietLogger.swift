import Logging
import WorkerHostCore

/// The logger of the commands that are no hosts: warnings and worse, to standard error.
enum QuietLogger {
    /// A logger of that name.
    static func make(_ label: String = "workerhost") -> Logger {
        Logger(label: label) { label in
            HostLogHandler(
                label: label, threshold: LogThreshold(.warning), line: LogLine(.text(.standard)),
                output: StandardErrorLog())
        }
    }
}
