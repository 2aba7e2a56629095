import WorkerHostCore

/// Writes one JSON object member by member; values that are JSON already are embedded byte for byte.
struct JSONObjectText {
    private(set) var bytes: [UInt8] = [0x7B]
    private var isEmpty = true

    /// The finished object.
    var finished: [UInt8] { bytes + [0x7D] }

    /// Adds a value that is JSON already.
    mutating func raw(_ name: String, _ value: RawJSON?) {
        begin(name)
        bytes += value?.bytes ?? RawJSON.null.bytes
    }

    /// Adds bytes that are JSON already.
    mutating func raw(_ name: String, bytes value: [UInt8]) {
        begin(name)
        bytes += value
    }

    /// Adds a text or null.
    mutating func text(_ name: String, _ value: String?) {
        begin(name)
        if let value { Self.append(value, to: &bytes) } else { bytes += RawJSON.null.bytes }
    }

    /// Adds a whole number or null.
    mutating func number(_ name: String, _ value: Int?) {
        begin(name)
        bytes += Array((value.map { String($0) } ?? "null").utf8)
    }

    /// Adds seconds, to the microsecond, or null.
    mutating func seconds(_ name: String, _ value: Duration?) {
        begin(name)
        guard let value else {
            bytes += RawJSON.null.bytes
            return
        }
        let microseconds = value.wholeMicroseconds
        let fraction = String(microseconds.magnitude % 1_000_000)
        let padded = String(repeating: "0", count: 6 - fraction.count) + fraction
        bytes += Array("\(microseconds < 0 ? "-" : "")\(microseconds.magnitude / 1_000_000).\(padded)".utf8)
    }

    /// Adds true, false or null.
    mutating func flag(_ name: String, _ value: Bool?) {
        begin(name)
        bytes += Array((value.map { $0 ? "true" : "false" } ?? "null").utf8)
    }

    /// Adds a time as ISO 8601, or null.
    mutating func time(_ name: String, _ value: Timestamp?) { text(name, value?.description) }

    /// Adds an object.
    mutating func object(_ name: String, _ fill: (inout JSONObjectText) -> Void) {
        var inner = JSONObjectText()
        fill(&inner)
        raw(name, bytes: inner.finished)
    }

    /// Adds an array of values that are JSON already.
    mutating func array(_ name: String, _ values: [[UInt8]]) {
        raw(name, bytes: [0x5B] + values.joined(separator: [0x2C]) + [0x5D])
    }

    /// A text as a JSON string.
    static func string(_ text: String) -> [UInt8] {
        var bytes: [UInt8] = []
        append(text, to: &bytes)
        return bytes
    }

    private mutating func begin(_ name: String) {
        if !isEmpty { bytes.append(0x2C) }
        isEmpty = false
        Self.append(name, to: &bytes)
        bytes.append(0x3A)
    }

    /// Appends a text as a JSON string.
    static func append(_ text: String, to bytes: inout [UInt8]) {
        let hex = Array("0123456789abcdef".utf8)
        bytes.append(0x22)
        for byte in text.utf8 {
            switch byte {
            case 0x22, 0x5C: bytes += [0x5C, byte]
            case 0x0A: bytes += [0x5C, 0x6E]
            case 0..<0x20: bytes += [0x5C, 0x75, 0x30, 0x30, hex[Int(byte >> 4)], hex[Int(byte & 15)]]
            default: bytes.append(byte)
            }
        }
        bytes.append(0x22)
    }
}
