/// What a request is answered.
struct Answer: Sendable {
    /// What becomes of the connection.
    enum Delivery: Sendable {
        /// The client decides.
        case keepsAlive
        /// It is closed behind the answer.
        case closes
        /// It is closed without an answer.
        case isLost
    }

    var status: Int
    var body: [UInt8]
    var contentType = "application/json"
    var headers: [(String, String)] = []
    var delivery = Delivery.keepsAlive

    init(_ status: Int, _ body: [UInt8]) {
        self.status = status
        self.body = body
    }

    /// The bytes on the wire.
    func encoded(keepsAlive: Bool, withBody: Bool) -> [UInt8] {
        var text = "HTTP/1.1 \(status) \(Self.phrases[status] ?? "Status")\r\nContent-Type: \(contentType)\r\n"
        text += "Content-Length: \(body.count)\r\n"
        if !keepsAlive { text += "Connection: close\r\n" }
        for (name, value) in headers { text += "\(name): \(value)\r\n" }
        text += "\r\n"
        var bytes = Array(text.utf8)
        if withBody { bytes += body }
        return bytes
    }

    private static let phrases = [
        200: "OK", 201: "Created", 400: "Bad Request", 401: "Unauthorized", 403: "Forbidden", 404: "Not Found",
        413: "Content Too Large", 429: "Too Many Requests", 500: "Internal Server Error",
    ]
}
