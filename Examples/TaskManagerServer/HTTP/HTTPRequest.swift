/// One request, as far as this API looks at it.
struct HTTPRequest: Sendable {
    /// `GET`, `POST`, … as sent.
    var method: String
    /// The path as sent: neither decoded nor shortened.
    var path: String
    /// What stands behind the question mark, as sent.
    var query: String
    /// The value of `X-API-Key`.
    var apiKey: String?
    /// The value of `X-Forwarded-For`.
    var forwardedFor: String?
    /// Whether the client leaves the connection open behind the answer.
    var keepsAlive: Bool
    /// The body; empty if there is none, or if it is too large.
    var body: [UInt8] = []
    /// Whether the body is larger than the server takes; it was read to its end and thrown away.
    var isTooLarge = false
}
