import FlyingSocks
import Foundation

/// Serves one connection until either side ends it.
struct Connection: Sendable {
    let socket: AsyncSocket
    /// The address that rate limits count by.
    let peer: String
    let api: API
    let open: OpenRequests

    func serve() async {
        // The descriptor may be gone already when the client has reset the connection.
        defer { try? socket.close() }
        var parser = RequestParser(largestBody: api.settings.largestBody)
        do {
            while true {
                switch parser.next() {
                case .needsMore: parser.append(try await socket.read(atMost: 4096))
                case .sayContinue: try await socket.write(Data("HTTP/1.1 100 Continue\r\n\r\n".utf8))
                case .malformed: return
                case .request(let request):
                    guard try await answer(request) else { return }
                }
            }
        } catch {
            // The client went away, or the server ends: what it had asked for is done either way.
            return
        }
    }

    /// - Returns: whether the connection goes on.
    private func answer(_ request: HTTPRequest) async throws -> Bool {
        guard open.begin() else { return false }
        defer { open.end() }
        let answer = await api.answer(to: request, from: peer)
        if case .isLost = answer.delivery { return false }
        var keepsAlive = request.keepsAlive && !open.isStopping
        if case .closes = answer.delivery { keepsAlive = false }
        try await socket.write(Data(answer.encoded(keepsAlive: keepsAlive, withBody: request.method != "HEAD")))
        return keepsAlive
    }
}
