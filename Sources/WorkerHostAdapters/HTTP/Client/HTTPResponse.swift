/// What a server answered.
struct HTTPResponse: Sendable {
    let status: Int
    /// The header `Retry-After` as it came.
    let retryAfter: String?
    let body: [UInt8]
}
