/// Why a JSON value cannot be sent as MessagePack, and which.
struct MessagePackEncodingError: Error, Sendable, Hashable, CustomStringConvertible {
    enum Reason: Sendable, Hashable {
        /// An integer that neither 64 bits with nor without a sign hold.
        case integer(String)
        /// A decimal number beyond what a double holds.
        case decimal(String)
        /// A frame longer than its four-byte length can tell.
        case tooLong(Int)
        /// The bytes are no JSON.
        case json(JSONError)
    }

    let reason: Reason
    /// Where the value is, as a JSON Pointer from the task on, for example `/params/items/3`.
    let path: String

    var description: String {
        let place = path.isEmpty ? "" : "\(path): "
        switch reason {
        case .integer(let text):
            return "\(place)the integer \(Self.cut(text)) does not fit into 64 bits, the most that MessagePack has; "
                + "send it as a text, or let the worker use format: json"
        case .decimal(let text):
            return "\(place)the number \(Self.cut(text)) is larger than a 64-bit float can be; "
                + "send it as a text, or let the worker use format: json"
        case .tooLong(let count):
            return "\(place)the task has \(count) bytes as MessagePack; a frame has at most \(UInt32.max)"
        case .json(let error): return "\(place)\(error)"
        }
    }

    private static func cut(_ text: String) -> String {
        text.utf8.count > 48 ? "\(text.prefix(48))…" : text
    }
}
