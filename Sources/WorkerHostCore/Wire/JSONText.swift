/// Writes and reads JSON strings as bytes.
package enum JSONText {
    private static let hexDigits: [UInt8] = Array("0123456789abcdef".utf8)

    /// Appends a text with its quotes.
    package static func append(_ text: String, to bytes: inout [UInt8]) {
        var text = text
        bytes.append(0x22)
        text.withUTF8 { utf8 in
            var clean = 0
            for (index, byte) in utf8.enumerated() where byte < 0x20 || byte == 0x22 || byte == 0x5C {
                bytes.append(contentsOf: utf8[clean..<index])
                clean = index + 1
                appendEscape(of: byte, to: &bytes)
            }
            bytes.append(contentsOf: utf8[clean...])
        }
        bytes.append(0x22)
    }

    private static func appendEscape(of byte: UInt8, to bytes: inout [UInt8]) {
        switch byte {
        case 0x22: bytes.append(contentsOf: [0x5C, 0x22])
        case 0x5C: bytes.append(contentsOf: [0x5C, 0x5C])
        case 0x0A: bytes.append(contentsOf: [0x5C, 0x6E])
        case 0x0D: bytes.append(contentsOf: [0x5C, 0x72])
        case 0x09: bytes.append(contentsOf: [0x5C, 0x74])
        default:
            bytes.append(contentsOf: [0x5C, 0x75, 0x30, 0x30])
            bytes.append(hexDigits[Int(byte >> 4)])
            bytes.append(hexDigits[Int(byte & 15)])
        }
    }

    /// The text of a checked JSON string's bytes, the quotes left out. Lone surrogates become U+FFFD.
    package static func decode(_ bytes: Slice<UnsafeBufferPointer<UInt8>>) -> String {
        guard bytes.contains(0x5C) else { return String(decoding: bytes, as: UTF8.self) }
        var units: [UInt16] = []
        var plain: [UInt8] = []
        var text = ""
        func flushPlain() {
            text += String(decoding: plain, as: UTF8.self)
            plain.removeAll(keepingCapacity: true)
        }
        func flushUnits() {
            text += String(decoding: units, as: UTF16.self)
            units.removeAll(keepingCapacity: true)
        }
        var index = bytes.startIndex
        while index < bytes.endIndex {
            let byte = bytes[index]
            index += 1
            guard byte == 0x5C, index < bytes.endIndex else {
                if !units.isEmpty { flushUnits() }
                plain.append(byte)
                continue
            }
            let escape = bytes[index]
            index += 1
            if escape == 0x75 {
                if !plain.isEmpty { flushPlain() }
                let end = min(index + 4, bytes.endIndex)
                units.append(bytes[index..<end].reduce(0) { $0 << 4 | UInt16(hexValue($1)) })
                index = end
            } else {
                if !units.isEmpty { flushUnits() }
                plain.append(unescaped(escape))
            }
        }
        if !plain.isEmpty { flushPlain() }
        if !units.isEmpty { flushUnits() }
        return text
    }

    private static func unescaped(_ byte: UInt8) -> UInt8 {
        switch byte {
        case 0x62: 0x08
        case 0x66: 0x0C
        case 0x6E: 0x0A
        case 0x72: 0x0D
        case 0x74: 0x09
        default: byte
        }
    }

    private static func hexValue(_ byte: UInt8) -> UInt8 {
        switch byte {
        case 0x30...0x39: byte - 0x30
        case 0x41...0x46: byte - 0x41 + 10
        default: byte &- 0x61 &+ 10
        }
    }
}
