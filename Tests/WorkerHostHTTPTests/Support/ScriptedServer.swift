import Foundation
import WorkerHostCore

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// What a client sent.
struct ScriptedRequest: Sendable {
    let method: String
    let path: String
    /// By names in lower case.
    let headers: [String: String]
    let body: [UInt8]
    /// The number of the connection it came on, from 0.
    let connection: Int

    var text: String { String(decoding: body, as: UTF8.self) }
}

/// What a scripted server does with a request.
struct ScriptedAnswer: Sendable {
    var bytes: [UInt8]
    /// The connection is closed behind the bytes.
    var closes = false
    /// Nothing follows: the client is left waiting.
    var holds = false

    /// An answer with its head.
    static func http(
        _ status: Int, _ body: String, type: String = "application/json", headers: [String] = [], closes: Bool = false
    ) -> ScriptedAnswer {
        var head = "HTTP/1.1 \(status) Words\r\nContent-Type: \(type)\r\nContent-Length: \(body.utf8.count)\r\n"
        for header in headers { head += header + "\r\n" }
        if closes { head += "Connection: close\r\n" }
        return ScriptedAnswer(bytes: Array((head + "\r\n" + body).utf8), closes: closes)
    }

    /// Bytes as they are.
    static func raw(_ text: String, closes: Bool = true) -> ScriptedAnswer {
        ScriptedAnswer(bytes: Array(text.utf8), closes: closes)
    }

    /// The connection ends without an answer.
    static let close = ScriptedAnswer(bytes: [], closes: true)
    /// No answer comes.
    static let hold = ScriptedAnswer(bytes: [], holds: true)
}

/// An HTTP server on a raw socket whose answers are written byte by byte, each connection on a thread of its own.
final class ScriptedServer: Sendable {
    typealias Script = @Sendable (ScriptedRequest) -> ScriptedAnswer

    private struct State {
        var connections: Set<Int32> = []
        var accepted = 0
        var requests: [ScriptedRequest] = []
        var isStopped = false
    }

    let port: Int
    private let listener: Int32
    private let script: Script
    private let state = Guarded(State())

    init(_ script: @escaping Script) throws {
        self.script = script
        let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let isBound = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(listener, $0, length) == 0 && listen(listener, 128) == 0 && getsockname(listener, $0, &length) == 0
            }
        }
        guard listener >= 0, isBound else { throw SystemError(errno, "listen") }
        self.listener = listener
        port = Int(UInt16(bigEndian: address.sin_port))
        _ = try DedicatedThread(name: "scripted") { [self] in accept() }
    }

    var url: String { "http://127.0.0.1:\(port)" }
    var address: ServerAddress { get throws { try ServerAddress(url) } }
    var requests: [ScriptedRequest] { state.withLock { $0.requests } }
    var connectionCount: Int { state.withLock { $0.accepted } }

    /// Ends all connections and takes no others.
    func stop() {
        state.withLock { state in
            guard !state.isStopped else { return }
            state.isStopped = true
            // Inside of the lock: a descriptor that its thread has closed may belong to another server by now.
            for descriptor in state.connections.union([listener]) { shutdown(descriptor, Int32(SHUT_RDWR)) }
        }
    }

    private func accept() {
        while true {
            let descriptor = Glibc.accept(listener, nil, nil)
            if descriptor < 0, errno == EINTR || errno == ECONNABORTED { continue }
            guard descriptor >= 0 else { break }
            let number = state.withLock { state -> Int? in
                guard !state.isStopped else { return nil }
                state.connections.insert(descriptor)
                state.accepted += 1
                return state.accepted - 1
            }
            guard let number else {
                close(descriptor)
                break
            }
            // Without a thread the connection is left alone, and its test fails.
            _ = try? DedicatedThread(name: "connection") { [self] in serve(descriptor, number) }
        }
        state.withLock { state in
            state.isStopped = true
            close(listener)
        }
    }

    private func serve(_ descriptor: Int32, _ number: Int) {
        defer {
            state.withLock { state in
                state.connections.remove(descriptor)
                close(descriptor)
            }
        }
        var buffer: [UInt8] = []
        while let request = read(descriptor, &buffer, number) {
            state.withLock { $0.requests.append(request) }
            let answer = script(request)
            var sent = 0
            while sent < answer.bytes.count {
                let count = answer.bytes[sent...].withUnsafeBytes {
                    send(descriptor, $0.baseAddress, $0.count, Int32(bitPattern: UInt32(MSG_NOSIGNAL)))
                }
                guard count > 0 else { return }
                sent += count
            }
            if answer.holds { waitForEnd(descriptor) }
            if answer.closes || answer.holds { return }
        }
    }

    private func waitForEnd(_ descriptor: Int32) {
        var byte: UInt8 = 0
        while recv(descriptor, &byte, 1, 0) > 0 {}
    }

    private func read(_ descriptor: Int32, _ buffer: inout [UInt8], _ number: Int) -> ScriptedRequest? {
        var wanted: Int?
        var head: [String] = []
        var bodyStart = 0
        while true {
            if wanted == nil, let end = Self.find([13, 10, 13, 10], in: buffer) {
                head = String(decoding: buffer[..<end], as: UTF8.self).components(separatedBy: "\r\n")
                let length = head.dropFirst().first { $0.lowercased().hasPrefix("content-length:") }
                    .flatMap { Int($0.dropFirst(15).trimmingCharacters(in: .whitespaces)) }
                bodyStart = end + 4
                wanted = bodyStart + (length ?? 0)
            }
            if let wanted, buffer.count >= wanted {
                let words = head[0].split(separator: " ").map(String.init)
                var headers: [String: String] = [:]
                for line in head.dropFirst() {
                    guard let colon = line.firstIndex(of: ":") else { continue }
                    headers[line[..<colon].lowercased()] =
                        line[line.index(after: colon)...].trimmingCharacters(in: .whitespaces)
                }
                let body = Array(buffer[bodyStart..<wanted])
                buffer.removeFirst(wanted)
                return ScriptedRequest(
                    method: words.first ?? "", path: words.dropFirst().first ?? "", headers: headers, body: body,
                    connection: number)
            }
            var chunk = [UInt8](repeating: 0, count: 65_536)
            let count = recv(descriptor, &chunk, chunk.count, 0)
            guard count > 0 else { return nil }
            buffer += chunk[..<count]
        }
    }

    private static func find(_ needle: [UInt8], in bytes: [UInt8]) -> Int? {
        guard bytes.count >= needle.count else { return nil }
        return (0...bytes.count - needle.count).first { bytes[$0..<$0 + needle.count].elementsEqual(needle) }
    }
}
