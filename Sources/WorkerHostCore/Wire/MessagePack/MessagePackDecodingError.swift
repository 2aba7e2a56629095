/// Why bytes cannot be read as MessagePack or have no counterpart in JSON, and where.
struct MessagePackDecodingError: Error, Sendable, Hashable, CustomStringConvertible {
    enum Reason: Sendable, Hashable {
        /// No byte at all.
        case empty
        /// The bytes end in the middle of a value, or a length reaches beyond them.
        case truncated
        /// The byte C1, which MessagePack never uses.
        case reservedByte
        /// Something follows the value.
        case trailingBytes
        /// Values are nested deeper than ``JSONScanner/maxDepth``.
        case tooDeep
        /// A str that is not UTF-8.
        case invalidUTF8
        /// NaN or an infinity.
        case notFinite(String)
        /// A map's key that is neither a str nor an integer.
        case key(MessagePackKind)
        /// An extension of another type than the timestamp's.
        case extensionType(Int8)
        /// A timestamp of a wrong length, with a billion nanoseconds or more, or outside the years 0 to 9999.
        case timestamp
        /// More JSON than allowed, from here on.
        case tooLong(most: Int)
        /// A message that is no map.
        case notAMap(MessagePackKind)
    }

    let reason: Reason
    /// The offset of the byte with which the wrong value begins.
    let offset: Int
    /// Where the value is, as a JSON Pointer, for example `/result/items/3`.
    let path: String

    var isTooLong: Bool { if case .tooLong = reason { true } else { false } }

    var description: String {
        let place = path.isEmpty ? "" : "\(path): "
        return "\(place)\(what), at byte \(offset)"
    }

    private var what: String {
        switch reason {
        case .empty: "there is no MessagePack value"
        case .truncated: "the MessagePack value breaks off: a length reaches beyond the frame's end"
        case .reservedByte: "the byte C1 is no MessagePack"
        case .trailingBytes: "something follows the MessagePack value"
        case .tooDeep: "values are nested more than \(JSONScanner.maxDepth) deep"
        case .invalidUTF8: "a str is not valid UTF-8; send bytes as bin"
        case .notFinite(let text): "the float is \(text), which JSON cannot hold; send nil or a text instead"
        case .key(let kind): "a map's key is \(kind); keys must be texts or integers"
        case .extensionType(let type):
            "an extension of type \(type) has no counterpart in JSON; only timestamps (type -1) do"
        case .timestamp: "a timestamp that is malformed or outside the years 0 to 9999"
        case .tooLong(let most): "up to here it is more than \(most) bytes as JSON"
        case .notAMap(let kind): "a message must be a map, this is \(kind)"
        }
    }
}
