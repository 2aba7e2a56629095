/// A JSON value taken apart, for the few places that must look inside one.
///
/// What is only passed on stays ``RawJSON``. Of members with the same name the last one counts.
public enum JSONValue: Sendable, Hashable {
    /// `null`
    case null
    /// `true` or `false`
    case bool(Bool)
    /// A number, its digits kept.
    case number(JSONNumber)
    /// A text.
    case string(String)
    /// A list.
    case array([JSONValue])
    /// An object.
    case object([String: JSONValue])

    /// Takes a value apart, in one pass.
    /// - Throws: ``JSONError`` if the bytes are no valid JSON.
    public init(_ json: RawJSON) throws(JSONError) {
        let range = try JSONScanner.validate(json.bytes)
        var reader = JSONValueReader(json.bytes, from: range.lowerBound)
        self = reader.value()
    }
}
