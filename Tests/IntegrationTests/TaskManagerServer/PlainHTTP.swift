import Foundation

#if canImport(Glibc)
    import Glibc
#endif

/// One connection to a server on this machine, and the least HTTP/1.1 that speaks to it.
///
/// Not URLSession, which would hide what the wire looks like: retries, connection reuse, headers.
final class PlainHTTP: @unchecked Sendable {
    /// What the server answered.
    struct Response: Sendable, CustomStringConvertible {
        var status = 0
        var headers: [String: String] = [:]
        var body: [UInt8] = []

        var text: String { String(decoding: body, as: UTF8.self) }
        var description: String { "\(status) \(headers)\n\(text)" }
        /// Whether the server ends the connection behind it.
        var closes: Bool { headers["connection"]?.lowercased() == "close" }
    }

    /// The connection ended before the answer was whole.
    struct NoAnswer: Error, Sendable {}

    private let descriptor: Int32
    /// Blocking calls are made here, one after the other; it also guards `rest`.
    private let queue = DispatchQueue(label: "PlainHTTP")
    private var rest: [UInt8] = []

    init(port: UInt16) throws {
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { throw POSIXError(POSIXErrorCode(rawValue: errno) ?? .EIO) }
        // No test hangs for ever on a server that does.
        var bound = timeval(tv_sec: 120, tv_usec: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &bound, socklen_t(MemoryLayout<timeval>.size))
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = inet_addr("127.0.0.1")
        let code = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard code == 0 else {
            let error = POSIXError(POSIXErrorCode(rawValue: errno) ?? .EIO)
            close(descriptor)
            throw error
        }
    }

    deinit { close(descriptor) }

    /// Sends a request and reads its answer.
    func send(
        _ method: String, _ path: String, _ body: String? = nil, headers: [String: String] = [:]
    ) async throws -> Response {
        var text = "\(method) \(path) HTTP/1.1\r\nHost: localhost\r\n"
        for (name, value) in headers { text += "\(name): \(value)\r\n" }
        if let body { text += "Content-Length: \(body.utf8.count)\r\n" }
        text += "\r\n" + (body ?? "")
        return try await send(raw: Array(text.utf8), hasBody: method != "HEAD")
    }

    /// Sends bytes as they are and reads one answer.
    func send(raw bytes: [UInt8], hasBody: Bool = true) async throws -> Response {
        try await withCheckedThrowingContinuation { continuation in
            queue.async {
                continuation.resume(
                    with: Result {
                        try self.write(bytes)
                        return try self.readResponse(hasBody: hasBody)
                    })
            }
        }
    }

    /// Whether the server has ended the connection.
    func isEnded() async -> Bool {
        await withCheckedContinuation { continuation in
            queue.async {
                var byte: UInt8 = 0
                continuation.resume(returning: recv(self.descriptor, &byte, 1, 0) <= 0)
            }
        }
    }

    private func write(_ bytes: [UInt8]) throws {
        var done = 0
        while done < bytes.count {
            let count = bytes[done...].withUnsafeBytes {
                Glibc.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
            }
            guard count > 0 else { throw NoAnswer() }
            done += count
        }
    }

    private func fill() throws {
        var buffer = [UInt8](repeating: 0, count: 65_536)
        let count = recv(descriptor, &buffer, buffer.count, 0)
        guard count > 0 else { throw NoAnswer() }
        rest += buffer[..<count]
    }

    private func readResponse(hasBody: Bool) throws -> Response {
        let end = Array("\r\n\r\n".utf8)
        var head: Range<Int>?
        while head == nil {
            head = rest.firstRange(of: end)
            if head == nil { try fill() }
        }
        guard let head else { throw NoAnswer() }
        let lines = String(decoding: rest[..<head.lowerBound], as: UTF8.self).components(separatedBy: "\r\n")
        rest.removeFirst(head.upperBound)
        var response = Response()
        response.status = Int(lines[0].split(separator: " ").dropFirst().first ?? "") ?? 0
        for line in lines.dropFirst() {
            let parts = line.split(separator: ":", maxSplits: 1).map { $0.trimmingCharacters(in: .whitespaces) }
            if parts.count == 2 { response.headers[parts[0].lowercased()] = parts[1] }
        }
        let length = hasBody ? Int(response.headers["content-length"] ?? "0") ?? 0 : 0
        while rest.count < length { try fill() }
        response.body = Array(rest.prefix(length))
        rest.removeFirst(length)
        return response
    }
}
