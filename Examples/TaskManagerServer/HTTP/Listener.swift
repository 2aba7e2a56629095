import FlyingSocks
import Foundation

/// A port, and the connections that come to it.
///
/// Uses FlyingFox's sockets and event loop (`FlyingSocks`) without its `HTTPServer`: that one always answers, and goes on
/// with the connection, while this server must be able to lose an answer and to end a connection behind one. It also
/// reads headers byte by byte through an actor, which was most of a request's cost.
struct Listener: Sendable {
    let port: UInt16
    private let socket: Socket
    private let pool: any AsyncSocketPool

    /// - Parameter port: 0 for any that is free.
    init(host: String, port: UInt16) async throws {
        pool = SocketPool.make(maxEvents: 64)
        try await pool.prepare()
        socket = try Socket(domain: Int32(AF_INET))
        try socket.setValue(true, for: .localAddressReuse)
        do {
            try socket.bind(to: .inet(ip4: host, port: port))
            try socket.listen(maxPendingConnection: 511)
        } catch {
            throw ServerError(
                "Cannot listen on \(host):\(port): \(error.localizedDescription). Choose another --port, or 0 for any.")
        }
        guard case .ip4(_, let port) = try socket.sockname() else { throw SocketError.unsupportedAddress }
        self.port = port
    }

    /// Serves until the task is cancelled.
    func run(_ api: API, _ open: OpenRequests) async throws {
        let (pool, socket) = (pool, socket)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await pool.run() }
            group.addTask { try await Self.accept(on: try AsyncSocket(socket: socket, pool: pool), api, open) }
            defer { group.cancelAll() }
            try await group.next()
        }
    }

    private static func accept(on listener: AsyncSocket, _ api: API, _ open: OpenRequests) async throws {
        try await withThrowingDiscardingTaskGroup { group in
            while !Task.isCancelled {
                do {
                    let socket = try await listener.accept()
                    let connection = Connection(socket: socket, peer: peer(of: socket), api: api, open: open)
                    group.addTask { await connection.serve() }
                } catch SocketError.failed {
                    // Out of descriptors, or a client that was gone before it was accepted.
                    try await Task.sleep(for: .milliseconds(20))
                }
            }
        }
    }

    private static func peer(of socket: AsyncSocket) -> String {
        // A client that is gone already has no address; its requests will not come either.
        guard case .ip4(let address, _)? = try? socket.socket.remotePeer() else { return "" }
        return address
    }
}
