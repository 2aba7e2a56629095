/// What a server answered.
struct HTTPResponse: Sendable {
    let status: Int
    /// The header `Retry-After` as it came.
    let retryAfter: String?
    let body: [UInt8]
    /// libcurl sends a request again whose connection ended before the first byte of an answer. The server may have done
    /// twice what it was asked for.
    var wasSentTwice = false
}
