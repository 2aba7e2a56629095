import Logging
import WorkerHostCore

/// The log handler of the executable: makes a line and hands it to its output.
struct HostLogHandler: LogHandler {
    var metadata: Logger.Metadata = [:]
    var metadataProvider: Logger.MetadataProvider?
    var logLevel: Logger.Level

    private let label: String
    private let line: LogLine
    private let output: any LogOutput

    /// A handler for the logger of that label.
    init(label: String, level: Logger.Level, line: LogLine, output: any LogOutput) {
        self.label = label
        self.logLevel = level
        self.line = line
        self.output = output
    }

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        var all = metadata
        if let provided = metadataProvider?.get() { all.merge(provided) { _, new in new } }
        if let own = event.metadata { all.merge(own) { _, new in new } }
        output.write(line.bytes(event, label: label, metadata: all, at: .now))
    }
}

/// Where log lines go. Never throws: a log that cannot be written stops no task; what is lost is counted and told in
/// the log itself as soon as it can be written again.
protocol LogOutput: Sendable {
    /// Writes a line, its line end included.
    func write(_ line: [UInt8])
    /// Lines that could not be written and are not told about in the log.
    var lostLines: Int { get }
}

/// Standard error.
struct StandardErrorLog: LogOutput {
    func write(_ line: [UInt8]) { Talk.shared.write(line: line) }
    /// Unknown: where nothing can be written there is nobody to tell.
    var lostLines: Int { 0 }
}
