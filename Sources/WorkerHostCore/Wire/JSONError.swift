/// Where and why bytes are not one JSON value.
public struct JSONError: Error, Sendable, Hashable, CustomStringConvertible {
    /// The causes.
    public enum Reason: Sendable, Hashable {
        /// The text ends in the middle of a value.
        case truncated
        /// A byte that cannot stand here.
        case unexpectedByte(UInt8)
        /// The text is not UTF-8.
        case invalidUTF8
        /// Values are nested deeper than ``JSONScanner/maxDepth``.
        case tooDeep
        /// Something follows the value.
        case trailingBytes
        /// There is no value.
        case empty
    }

    /// The offset of the first wrong byte.
    public let offset: Int
    /// What is wrong there.
    public let reason: Reason

    init(_ reason: Reason, at offset: Int) {
        self.reason = reason
        self.offset = offset
    }

    /// What is wrong and where.
    public var description: String {
        switch reason {
        case .truncated: "the JSON text ends in the middle of a value, at byte \(offset)"
        case .unexpectedByte(let byte):
            "unexpected \(byte >= 0x20 && byte < 0x7F ? "'\(Character(Unicode.Scalar(byte)))'" : "byte \(byte)") at byte \(offset)"
        case .invalidUTF8: "the text is not valid UTF-8 at byte \(offset)"
        case .tooDeep: "values are nested more than \(JSONScanner.maxDepth) deep at byte \(offset)"
        case .trailingBytes: "something follows the JSON value at byte \(offset)"
        case .empty: "there is no JSON value"
        }
    }
}
