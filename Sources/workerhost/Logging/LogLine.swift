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
            var line: [UInt8] = []
            line.reserveCapacity(192)
            format.render(into: &line) { append($0, event, label: label, metadata: metadata, at: time, to: &$1) }
            line.append(0x0A)
            return line
        case .structured: return structured(event, label: label, metadata: metadata, at: time)
        }
    }

    private func append(
        _ field: LogFormat.Field, _ event: LogEvent, label: String, metadata: Logger.Metadata, at time: Timestamp,
        to line: inout [UInt8]
    ) {
        let text: String
        switch field {
        case .asctime: return time.append(to: &line)
        case .message: return Self.appendMessage(event, metadata, to: &line)
        case .name: text = label
        case .levelname: text = event.level.python.rawValue
        case .levelno: text = String(event.level.pythonNumber)
        case .created: text = String(time.seconds)
        case .msecs: text = String(time.microseconds % 1_000_000 / 1000)
        case .process: text = processID
        case .thread: text = String(pthread_self())
        case .pathname: text = event.file
        case .filename: text = event.file.split(separator: "/").last.map(String.init) ?? event.file
        case .lineno: text = String(event.line)
        case .funcName: text = event.function
        case .module: text = event.source
        }
        line.append(contentsOf: text.utf8)
    }

    /// The message and behind it the metadata as `key=value`, sorted.
    private static func appendMessage(_ event: LogEvent, _ metadata: Logger.Metadata, to line: inout [UInt8]) {
        PlainText.append(event.message.description, to: &line)
        for (key, value) in metadata.sorted(by: { $0.key < $1.key }) {
            line.append(0x20)
            line.append(contentsOf: key.utf8)
            line.append(0x3D)
            let start = line.count
            if case .string(let text) = value {
                PlainText.append(text, to: &line)
            } else {
                PlainText.append(value.description, to: &line)
            }
            guard start == line.count || line[start...].contains(0x20) else { continue }
            line.insert(0x22, at: start)
            line.append(0x22)
        }
        if let error = event.error {
            line.append(contentsOf: " error=\"".utf8)
            PlainText.append("\(error)", to: &line)
            line.append(0x22)
        }
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
