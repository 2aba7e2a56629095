import Foundation
import Logging
import WorkerHostCore

/// Makes the bytes of one log line.
struct LogLine: Sendable {
    /// How lines look.
    enum Style: Sendable {
        /// Text in a Python %-style format.
        case text(LogFormat)
        /// One JSON object.
        case structured
    }

    private let style: Style
    private let processID = String(ProcessInfo.processInfo.processIdentifier)

    /// Lines of this style.
    init(_ style: Style) {
        self.style = style
    }

    /// The line with its line end. Whatever the message holds, it is one line.
    func bytes(_ event: LogEvent, label: String, metadata: Logger.Metadata, at time: Timestamp) -> [UInt8] {
        switch style {
        case .text(let format):
            let line = format.render { text(of: $0, event, label: label, metadata: metadata, at: time) }
            return Array(line.utf8) + [0x0A]
        case .structured: return structured(event, label: label, metadata: metadata, at: time)
        }
    }

    private func text(
        of field: LogFormat.Field, _ event: LogEvent, label: String, metadata: Logger.Metadata, at time: Timestamp
    ) -> String {
        switch field {
        case .asctime: time.description
        case .name: label
        case .levelname: event.level.python.rawValue
        case .levelno: String(event.level.pythonNumber)
        case .message: Self.message(event, metadata)
        case .created: String(time.seconds)
        case .msecs: String(time.microseconds % 1_000_000 / 1000)
        case .process: processID
        case .thread: String(pthread_self())
        case .pathname: event.file
        case .filename: event.file.split(separator: "/").last.map(String.init) ?? event.file
        case .lineno: String(event.line)
        case .funcName: event.function
        case .module: event.source
        }
    }

    /// The message and behind it the metadata as `key=value`, sorted.
    private static func message(_ event: LogEvent, _ metadata: Logger.Metadata) -> String {
        var text = PlainText.singleLine(event.message.description)
        for (key, value) in metadata.sorted(by: { $0.key < $1.key }) {
            let shown = PlainText.singleLine(value.description)
            text += " \(key)=" + (shown.contains(" ") || shown.isEmpty ? "\"\(shown)\"" : shown)
        }
        if let error = event.error { text += " error=\"\(PlainText.singleLine("\(error)"))\"" }
        return text
    }

    private func structured(
        _ event: LogEvent, label: String, metadata: Logger.Metadata, at time: Timestamp
    ) -> [UInt8] {
        var line = JSONObjectText()
        line.text("time", time.description)
        line.text("level", event.level.python.rawValue)
        line.text("logger", label)
        line.text("message", event.message.description)
        if let error = event.error { line.text("error", "\(error)") }
        if !metadata.isEmpty {
            line.object("metadata") { object in
                for (key, value) in metadata.sorted(by: { $0.key < $1.key }) {
                    object.raw(key, bytes: Self.json(value))
                }
            }
        }
        line.text("process", processID)
        return line.finished + [0x0A]
    }

    private static func json(_ value: Logger.MetadataValue) -> [UInt8] {
        var bytes: [UInt8] = []
        switch value {
        case .string(let text): JSONObjectText.append(text, to: &bytes)
        case .stringConvertible(let value): JSONObjectText.append(value.description, to: &bytes)
        case .array(let values): bytes = [0x5B] + values.map(json).joined(separator: [0x2C]) + [0x5D]
        case .dictionary(let members):
            var object = JSONObjectText()
            for (key, member) in members.sorted(by: { $0.key < $1.key }) { object.raw(key, bytes: json(member)) }
            bytes = object.finished
        }
        return bytes
    }
}
