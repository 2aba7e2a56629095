/// Builds values from bytes that were validated before; on others it ends early and never traps.
struct JSONValueReader {
    private let bytes: [UInt8]
    private var position: Int

    init(_ bytes: [UInt8], from start: Int) {
        self.bytes = bytes
        position = start
    }

    private var byte: UInt8? { position < bytes.count ? bytes[position] : nil }

    private mutating func skipSpace() {
        while let byte, byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 { position += 1 }
    }

    mutating func value() -> JSONValue {
        skipSpace()
        switch byte {
        case UInt8(ascii: "{"): return object()
        case UInt8(ascii: "["): return array()
        case UInt8(ascii: "\""): return .string(string())
        case UInt8(ascii: "t"):
            position += 4
            return .bool(true)
        case UInt8(ascii: "f"):
            position += 5
            return .bool(false)
        case UInt8(ascii: "n"), nil:
            position += 4
            return .null
        default: return number()
        }
    }

    private mutating func object() -> JSONValue {
        var members: [String: JSONValue] = [:]
        position += 1
        skipSpace()
        while byte == UInt8(ascii: "\"") {
            let name = string()
            skipSpace()
            position += 1
            members[name] = value()
            skipSpace()
            guard byte == UInt8(ascii: ",") else { break }
            position += 1
            skipSpace()
        }
        position += 1
        return .object(members)
    }

    private mutating func array() -> JSONValue {
        var items: [JSONValue] = []
        position += 1
        skipSpace()
        while let next = byte, next != UInt8(ascii: "]") {
            items.append(value())
            skipSpace()
            guard byte == UInt8(ascii: ",") else { break }
            position += 1
        }
        position += 1
        return .array(items)
    }

    private mutating func number() -> JSONValue {
        let start = position
        position += 1
        while let byte {
            switch byte {
            case 0x30...0x39, UInt8(ascii: "-"), UInt8(ascii: "+"), UInt8(ascii: "."), UInt8(ascii: "e"),
                UInt8(ascii: "E"):
                position += 1
            default: return .number(JSONNumber(String(decoding: bytes[start..<position], as: UTF8.self)))
            }
        }
        return .number(JSONNumber(String(decoding: bytes[start...], as: UTF8.self)))
    }

    private mutating func string() -> String {
        position += 1
        var text: [UInt8] = []
        while let byte, byte != UInt8(ascii: "\"") {
            position += 1
            if byte == UInt8(ascii: "\\") { text += escape() } else { text.append(byte) }
        }
        position += 1
        return String(decoding: text, as: UTF8.self)
    }

    private mutating func escape() -> [UInt8] {
        let kind = byte
        position += 1
        switch kind {
        case UInt8(ascii: "n"): return [0x0A]
        case UInt8(ascii: "r"): return [0x0D]
        case UInt8(ascii: "t"): return [0x09]
        case UInt8(ascii: "b"): return [0x08]
        case UInt8(ascii: "f"): return [0x0C]
        case UInt8(ascii: "u"): return Array(String(Character(unicodeEscape())).utf8)
        case let other?: return [other]
        case nil: return []
        }
    }

    /// Half a surrogate pair stands for no letter and becomes U+FFFD.
    private mutating func unicodeEscape() -> Unicode.Scalar {
        let unit = hexUnit()
        if let scalar = Unicode.Scalar(unit) { return scalar }
        if unit < 0xDC00, byte == UInt8(ascii: "\\"), position + 1 < bytes.count,
            bytes[position + 1] == UInt8(ascii: "u")
        {
            let before = position
            position += 2
            let low = hexUnit()
            if 0xDC00..<0xE000 ~= low,
                let scalar = Unicode.Scalar(0x1_0000 + ((unit - 0xD800) << 10) + (low - 0xDC00))
            {
                return scalar
            }
            position = before
        }
        return "\u{FFFD}"
    }

    private mutating func hexUnit() -> UInt32 {
        let end = min(position + 4, bytes.count)
        defer { position = end }
        guard position < end else { return 0xFFFD }
        return UInt32(String(decoding: bytes[position..<end], as: UTF8.self), radix: 16) ?? 0xFFFD
    }
}
