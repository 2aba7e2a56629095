/// One call of an HTTP server.
struct HTTPRequest: Sendable {
    /// The methods that are used.
    enum Method: Sendable {
        case get
        case post
    }

    var method: Method
    /// Put behind the client's address; begins with a slash, or is empty.
    var path: String
    var body: [UInt8] = []
    /// Beside those that the client sends with every request; written `Name: value`.
    var headers: [String] = []
    /// The longest that the whole call may take; nil takes the client's.
    var timeout: Duration?

    static func get(_ path: String) -> HTTPRequest { HTTPRequest(method: .get, path: path) }

    static func post(_ path: String, _ body: [UInt8]) -> HTTPRequest {
        HTTPRequest(method: .post, path: path, body: body)
    }
}
