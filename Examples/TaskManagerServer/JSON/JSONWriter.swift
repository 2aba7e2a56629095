/// Writes JSON objects member by member, in the order of the calls.
struct JSONWriter {
    private(set) var bytes: [UInt8] = [0x7B]

    init() { bytes.reserveCapacity(256) }

    /// The object.
    var object: [UInt8] { bytes + [0x7D] }

    mutating func add(_ name: StaticString, raw value: some Sequence<UInt8>) {
        if bytes.count > 1 { bytes.append(0x2C) }
        bytes.append(0x22)
        bytes += UnsafeBufferPointer(start: name.utf8Start, count: name.utf8CodeUnitCount)
        bytes.append(0x22)
        bytes.append(0x3A)
        bytes += value
    }

    mutating func add(_ name: StaticString, _ value: Int) { add(name, raw: String(value).utf8) }

    mutating func add(_ name: StaticString, _ value: Bool) { add(name, raw: (value ? "true" : "false").utf8) }

    mutating func add(_ name: StaticString, _ value: String?) {
        guard let value else { return add(name, raw: "null".utf8) }
        add(name, raw: [])
        Self.write(value, to: &bytes)
    }

    /// Appends a text with its quotes.
    static func write(_ text: String, to bytes: inout [UInt8]) {
        bytes.append(0x22)
        for byte in text.utf8 {
            switch byte {
            case 0x22, 0x5C: bytes += [0x5C, byte]
            case 0x0A: bytes += "\\n".utf8
            case 0x0D: bytes += "\\r".utf8
            case 0x09: bytes += "\\t".utf8
            case ..<0x20:
                let digits = String(byte, radix: 16)
                bytes += ("\\u" + String(repeating: "0", count: 4 - digits.count) + digits).utf8
            default: bytes.append(byte)
            }
        }
        bytes.append(0x22)
    }

    /// A list of values.
    static func list(_ values: some Sequence<[UInt8]>) -> [UInt8] {
        var bytes: [UInt8] = [0x5B]
        for value in values {
            if bytes.count > 1 { bytes.append(0x2C) }
            bytes += value
        }
        return bytes + [0x5D]
    }
}
