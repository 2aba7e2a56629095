import WorkerHostCore

/// Takes answers; called on the client's thread, so it must not block.
protocol TransferSink: AnyObject, Sendable {
    /// Answers that came at the same time, each with the number that its request was given.
    func ended(_ outcomes: [TransferOutcome])
}

/// How one request ended.
struct TransferOutcome: Sendable {
    /// The number that whoever sent the request gave it.
    let tag: Int
    let result: Result<HTTPResponse, HTTPError>
}

/// One request on its way.
///
/// `@unchecked`: made by whoever sends it, from then on only touched by the client's thread.
final class Transfer: @unchecked Sendable {
    let request: HTTPRequest
    let tag: Int
    let sink: any TransferSink
    /// Where it is sent now: after a redirect somewhere else on the same server.
    var url: String
    var redirects = 0
    var startedAt = MonotonicTime(nanoseconds: 0)
    var body: [UInt8] = []
    var retryAfter: String?
    var isTooLarge = false
    var mostBytes = Int.max

    init(_ request: HTTPRequest, to address: ServerAddress, tag: Int, sink: any TransferSink) {
        self.request = request
        self.tag = tag
        self.sink = sink
        url = address.text + request.path
    }

    /// Takes a piece of the answer; false if that is more than allowed.
    func append(_ bytes: UnsafeBufferPointer<UInt8>) -> Bool {
        guard body.count + bytes.count <= mostBytes else {
            isTooLarge = true
            return false
        }
        body.append(contentsOf: bytes)
        return true
    }

    /// Takes a line of the answer's head.
    func header(_ line: UnsafeBufferPointer<UInt8>) {
        guard let first = line.first else { return }
        switch first | 0x20 {
        case 0x68 where line.count > 5 && line[4] == 0x2F:
            // `HTTP/…`: another answer begins, after 100 or a redirect.
            body.removeAll(keepingCapacity: true)
            retryAfter = nil
        case 0x72:
            let text = String(decoding: line, as: UTF8.self)
            guard let colon = text.firstIndex(of: ":"), text[..<colon].lowercased() == "retry-after" else { return }
            retryAfter = text[text.index(after: colon)...].drop { $0 == " " || $0 == "\t" }
                .filter { !$0.isNewline }
        default: return
        }
    }
}
