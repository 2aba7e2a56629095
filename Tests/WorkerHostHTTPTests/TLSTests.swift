import Testing
import WorkerHostCore

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

@testable import WorkerHostHTTP

/// Encrypted connections, with certificates that `openssl` makes.
@Suite(.serialized) struct TLSTests {
    private func freePort() throws -> Int {
        let server = try ScriptedServer { _ in .close }
        defer { server.stop() }
        return server.port
    }

    /// Calls until the server is up.
    private func call(_ port: Int, _ settings: HTTPClientSettings) async throws -> Result<HTTPResponse, HTTPError> {
        let client = try HTTPClient(try ServerAddress("https://127.0.0.1:\(port)"), settings)
        var result = await client.send([.get("/")])[0]
        _ = await eventually {
            guard case .failure(let error) = result, error.code == .cannotConnect else { return true }
            result = await client.send([.get("/")])[0]
            return false
        }
        await client.close()
        return result
    }

    private func code(_ result: Result<HTTPResponse, HTTPError>) -> HTTPError.Code? {
        if case .failure(let error) = result { error.code } else { nil }
    }

    @Test func onlyATrustedServerGetsTheKey() async throws {
        let openSSL = try OpenSSL()
        defer { openSSL.remove() }
        let port = try freePort()
        let pid = try openSSL.serve(port: port)
        defer {
            kill(pid, SIGKILL)
            waitpid(pid, nil, 0)
        }
        let trusting = HTTPClientSettings(caFile: openSSL.file("ca.pem"))
        #expect(try await call(port, trusting).get().status == 200)
        let doubting = try await call(port, HTTPClientSettings(apiKey: Secret("hunter2")))
        #expect(code(doubting) == .tls && !"\(doubting)".contains("hunter2"))
        let wrong = try await call(port, HTTPClientSettings(caFile: openSSL.file("none.pem")))
        #expect(code(wrong) == .tls)
    }

    @Test func aServerThatWantsToKnowItsClients() async throws {
        let openSSL = try OpenSSL()
        defer { openSSL.remove() }
        let port = try freePort()
        let pid = try openSSL.serve(
            port: port, "-Verify", "1", "-verify_return_error", "-CAfile", openSSL.file("ca.pem"), "-tls1_2")
        defer {
            kill(pid, SIGKILL)
            waitpid(pid, nil, 0)
        }
        let known = HTTPClientSettings(
            caFile: openSSL.file("ca.pem"), clientCertificate: openSSL.file("client.pem"),
            clientKey: openSSL.file("client.key"))
        #expect(try await call(port, known).get().status == 200)
        let unknown = try await call(port, HTTPClientSettings(caFile: openSSL.file("ca.pem")))
        #expect(code(unknown) != nil)
    }

    @Test func aPlainServer() async throws {
        let server = try ScriptedServer { _ in .http(200, "{}") }
        defer { server.stop() }
        let result = try await call(server.port, HTTPClientSettings(timeout: .seconds(20)))
        #expect(code(result) == .tls || code(result) == .closedEarly || code(result) == .timedOut)
    }
}
