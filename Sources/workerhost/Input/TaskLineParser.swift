import Foundation
import WorkerHostCore
import WorkerHostSQLite

/// Reads a line `{"type":…,"params":…,"priority":…,"dedupe_key":…,"delay":…}`.
struct TaskLineParser {
    private static let keys = ["type", "params", "priority", "dedupe_key", "delay"]

    private var types: TypeCheck

    /// A parser that lets these types through.
    init(types: TypeCheck) {
        self.types = types
    }

    /// The task of one line.
    mutating func parse(_ line: [UInt8]) throws(LineError) -> NewTask {
        let fields = try Self.fields(of: line)
        guard let typeText = fields["type"], let type = Self.string(typeText) else {
            throw LineError(fields["type"] == nil ? "the key 'type' is missing" : "'type' must be a text")
        }
        if let complaint = types.complaint(about: type) { throw LineError(complaint) }
        var task = NewTask(type: type, params: try Self.params(fields["params"], line))
        if let priority = fields["priority"] {
            guard let number = Int(String(decoding: priority, as: UTF8.self)), Int(Int32(clamping: number)) == number
            else { throw LineError("'priority' must be a whole number") }
            task.priority = number
        }
        if let key = fields["dedupe_key"], !Self.isNull(key) {
            guard let text = Self.string(key), !text.isEmpty else {
                throw LineError("'dedupe_key' must be a text that is not empty")
            }
            task.dedupeKey = text
        }
        if let delay = fields["delay"], !Self.isNull(delay) {
            let text = Self.string(delay) ?? String(decoding: delay, as: UTF8.self)
            guard let duration = DelayText.parse(text) else {
                throw LineError("'delay' must be \(DelayText.expectation)")
            }
            task.delay = duration
        }
        return task
    }

    /// Where each known key's value lies.
    private static func fields(of line: [UInt8]) throws(LineError) -> [String: ArraySlice<UInt8>] {
        var fields: [String: ArraySlice<UInt8>] = [:]
        var complaint: String?
        let failure: JSONError? = line.withUnsafeBufferPointer { buffer in
            do throws(JSONError) {
                try JSONScanner.members(of: buffer, in: 0..<buffer.count) { member in
                    let raw = String(decoding: buffer[member.name], as: UTF8.self)
                    let name = raw.contains("\\") ? string(Array("\"\(raw)\"".utf8)[...]) ?? raw : raw
                    if !keys.contains(name) {
                        let near = NearestMatch.find(name, in: keys).map { "; did you mean '\($0)'?" } ?? ""
                        complaint = complaint ?? "unknown key '\(PlainText.singleLine(name))'\(near)"
                    } else if fields.updateValue(line[member.value], forKey: name) != nil {
                        complaint = complaint ?? "the key '\(name)' stands there twice"
                    }
                }
                return nil
            } catch {
                return error
            }
        }
        if let failure {
            let isObject = line.first { $0 != 0x20 && $0 != 0x09 } == 0x7B
            throw LineError(isObject ? failure.description : "no JSON object: \(failure)")
        }
        if let complaint { throw LineError(complaint) }
        return fields
    }

    private static func params(_ value: ArraySlice<UInt8>?, _ line: [UInt8]) throws(LineError) -> RawJSON {
        guard let value, !isNull(value) else { return .emptyObject }
        guard value.first == 0x7B else {
            throw LineError("'params' must be a JSON object, at byte \(value.startIndex)")
        }
        return RawJSON(unchecked: Array(value))
    }

    private static func isNull(_ value: ArraySlice<UInt8>) -> Bool { value.elementsEqual("null".utf8) }

    /// The text of a checked JSON string; nil for any other value.
    private static func string(_ value: ArraySlice<UInt8>) -> String? {
        guard value.first == 0x22 else { return nil }
        if !value.contains(0x5C) { return String(decoding: value.dropFirst().dropLast(), as: UTF8.self) }
        do { return try RawJSON(unchecked: Array(value)).decode(String.self) } catch { return nil }
    }
}
