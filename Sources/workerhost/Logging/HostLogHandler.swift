import Logging
import WorkerHostCore

/// The log handler of the executable: makes a line and hands it to its output.
struct HostLogHandler: LogHandler {
    var metadata: Logger.Metadata = [:]
    var metadataProvider: Logger.MetadataProvider?
    private let threshold: LogThreshold
    /// A level of a single logger's own, if it was given one.
    private var ownLevel: Logger.Level?
    private let label: String
    private let line: LogLine
    private let output: any LogOutput

    /// A handler for the logger of that label.
    init(label: String, threshold: LogThreshold, line: LogLine, output: any LogOutput) {
        self.label = label
        self.threshold = threshold
        self.line = line
        self.output = output
    }

    var logLevel: Logger.Level {
        get { ownLevel ?? threshold.level }
        set { ownLevel = newValue }
    }

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        var all = metadata
        if let provided = metadataProvider?.get() { all.merge(provided) { _, new in new } }
        if let own = event.metadata { if all.isEmpty { all = own } else { all.merge(own) { _, new in new } } }
        output.write(line.bytes(event, label: label, metadata: all, at: .now))
    }
}
