import WorkerHostCore

/// A request's JSON object: its members are found in one pass and decoded when they are asked for.
struct JSONBody: Sendable {
    /// The value of a member, as far as its kind matters here.
    enum Field: Sendable, Hashable {
        case missing
        case null
        case bool(Bool)
        /// A number without fraction and exponent.
        case integer(Int)
        /// Any other number.
        case number(Double)
        case string(String)
        case array
        case object
    }

    private let bytes: [UInt8]
    private let members: [(name: String, value: Range<Int>)]
    /// Whether the value is an object; a list or scalar has no members.
    let isObject: Bool

    /// nil if the bytes are no JSON.
    init?(_ bytes: [UInt8]) {
        // Why they are none is not told by this API.
        guard let range = try? JSONScanner.validate(bytes) else { return nil }
        self.bytes = bytes
        isObject = bytes[range.lowerBound] == 0x7B
        var members: [(name: String, value: Range<Int>)] = []
        if isObject {
            bytes.withUnsafeBufferPointer { buffer in
                // Valid, as was just seen.
                try? JSONScanner.members(of: buffer, in: range) { member in
                    members.append((Self.text(buffer, member.name), member.value))
                }
            }
        }
        self.members = members
    }

    private static func text(_ bytes: UnsafeBufferPointer<UInt8>, _ range: Range<Int>) -> String {
        let inner = UnsafeBufferPointer(rebasing: bytes[range])
        guard inner.contains(0x5C) else { return String(decoding: inner, as: UTF8.self) }
        let quoted = [0x22] + Array(inner) + [0x22]
        guard case .string(let text)? = try? JSONValue(RawJSON(unchecked: quoted)) else { return "" }
        return text
    }

    /// The bytes of a member's value; of several with one name the last one counts.
    func raw(_ name: String) -> RawJSON? {
        guard let member = members.last(where: { $0.name == name }) else { return nil }
        return RawJSON(unchecked: Array(bytes[member.value]))
    }

    subscript(name: String) -> Field {
        guard let member = members.last(where: { $0.name == name }) else { return .missing }
        return Self.field(bytes, member.value)
    }

    /// What kind of value a text of JSON is.
    static func field(_ json: RawJSON) -> Field { field(json.bytes, 0..<json.bytes.count) }

    private static func field(_ bytes: [UInt8], _ range: Range<Int>) -> Field {
        switch bytes[range.lowerBound] {
        case 0x7B: return .object
        case 0x5B: return .array
        case 0x74: return .bool(true)
        case 0x66: return .bool(false)
        case 0x6E: return .null
        case 0x22:
            return .string(bytes.withUnsafeBufferPointer { text($0, range.lowerBound + 1..<range.upperBound - 1) })
        default:
            let digits = String(decoding: bytes[range], as: UTF8.self)
            return Int(digits).map(Field.integer) ?? .number(Double(digits) ?? 0)
        }
    }
}

extension JSONBody.Field {
    var text: String? { if case .string(let text) = self { text } else { nil } }
    var integer: Int? { if case .integer(let value) = self { value } else { nil } }
    /// Neither there nor of any use.
    var isAbsent: Bool { self == .missing || self == .null }
}
