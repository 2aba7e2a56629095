import Foundation

/// One JSON value kept as the bytes it came in.
///
/// The host passes `params` and `result` on without decoding them: the bytes that a client sent are the bytes the
/// worker reads, so no number loses precision and no key changes its place.
public struct RawJSON: Sendable, Hashable {
    /// The UTF-8 text of the value, without surrounding white space.
    public let bytes: [UInt8]

    /// Takes bytes that are already known to be one valid JSON value.
    ///
    /// Bytes from outside go through ``init(validating:)``.
    public init(unchecked bytes: [UInt8]) {
        self.bytes = bytes
    }

    /// Takes bytes from outside.
    /// - Throws: ``JSONError`` with the offset of the first byte that is wrong.
    public init(validating bytes: some Collection<UInt8>) throws(JSONError) {
        let all = Array(bytes)
        let range = try JSONScanner.validate(all)
        self.bytes = range == 0..<all.count ? all : Array(all[range])
    }

    /// Takes a text from outside.
    /// - Throws: ``JSONError`` with the offset of the first byte that is wrong.
    public init(validating text: String) throws(JSONError) {
        try self.init(validating: Array(text.utf8))
    }

    /// `{}`
    public static let emptyObject = RawJSON(unchecked: [0x7B, 0x7D])
    /// `null`
    public static let null = RawJSON(unchecked: Array("null".utf8))

    /// The value as text.
    public var text: String { String(decoding: bytes, as: UTF8.self) }

    /// Whether the value is an object (`{…}`).
    public var isObject: Bool { bytes.first == 0x7B }

    /// Whether the value is `null`.
    public var isNull: Bool { bytes == RawJSON.null.bytes }

    /// Decodes the value; only for code that needs to look inside, never on the host's own path.
    /// - Throws: `DecodingError`.
    public func decode<Value: Decodable>(_ type: Value.Type = Value.self) throws -> Value {
        try JSONDecoder().decode(type, from: Data(bytes))
    }
}

extension RawJSON: CustomStringConvertible {
    /// The value as text.
    public var description: String { text }
}
