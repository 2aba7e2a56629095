/// What kind of value a MessagePack value's first byte announces.
enum MessagePackKind: String, Sendable, CustomStringConvertible {
    case null = "nil"
    case boolean = "a boolean"
    case integer = "an integer"
    case float = "a float"
    case text = "a str"
    case bytes = "a bin"
    case array = "an array"
    case map = "a map"
    case ext = "an extension"
    case reserved = "the reserved byte C1"

    init(_ lead: UInt8) {
        self =
            switch lead {
            case 0x00...0x7F, 0xE0...0xFF, 0xCC...0xD3: .integer
            case 0x80...0x8F, 0xDE, 0xDF: .map
            case 0x90...0x9F, 0xDC, 0xDD: .array
            case 0xA0...0xBF, 0xD9...0xDB: .text
            case 0xC0: .null
            case 0xC2, 0xC3: .boolean
            case 0xC4...0xC6: .bytes
            case 0xC7...0xC9, 0xD4...0xD8: .ext
            case 0xCA, 0xCB: .float
            default: .reserved
            }
    }

    var description: String { rawValue }
}
