import Testing
import WorkerHostCore

@testable import WorkerHostHTTP

/// The client against a server that answers byte by byte.
@Suite struct ClientTests {
    private func client(_ server: ScriptedServer, _ settings: HTTPClientSettings = HTTPClientSettings()) throws
        -> HTTPClient
    {
        try HTTPClient(try server.address, settings)
    }

    private func code(_ server: ScriptedServer, _ settings: HTTPClientSettings = HTTPClientSettings()) async throws
        -> HTTPError.Code?
    {
        let client = try client(server, settings)
        defer { server.stop() }
        do throws(HTTPError) {
            _ = try await client.send(.get("/x?secret=hush"))
            return nil
        } catch {
            #expect(!error.description.contains("hush") && error.url == server.url + "/x")
            return error.code
        }
    }

    @Test func whatIsSentAndWhatComes() async throws {
        let server = try ScriptedServer { request in
            .http(201, request.text + request.path, headers: ["Retry-After:  7 "])
        }
        defer { server.stop() }
        let client = try client(server, HTTPClientSettings(apiKey: Secret("k3y"), headers: ["X-More": Secret("m")]))
        let response = try await client.send(.post("/a/b", Array("body".utf8)))
        #expect(response.status == 201 && String(decoding: response.body, as: UTF8.self) == "body/a/b")
        #expect(response.retryAfter == "7 " || response.retryAfter == "7")
        let request = try #require(server.requests.first)
        #expect(request.method == "POST" && request.headers["x-api-key"] == "k3y" && request.headers["x-more"] == "m")
        #expect(request.headers["expect"] == nil && request.headers["content-type"] == "application/json")
    }

    @Test func aLargeBodyIsSentWithoutAsking() async throws {
        let server = try ScriptedServer { request in .http(200, String(request.body.count)) }
        defer { server.stop() }
        let response = try await client(server).send(.post("/", [UInt8](repeating: 0x20, count: 3_000_000)))
        #expect(String(decoding: response.body, as: UTF8.self) == "3000000")
    }

    @Test func connectionsAreUsedAgain() async throws {
        let server = try ScriptedServer { _ in .http(200, "{}") }
        defer { server.stop() }
        let client = try client(server)
        for _ in 0..<20 { _ = try await client.send(.get("/")) }
        #expect(server.connectionCount == 1)
    }

    @Test func aServerThatClosesAfterEveryAnswer() async throws {
        let server = try ScriptedServer { _ in .http(200, "{}", closes: true) }
        defer { server.stop() }
        let client = try client(server)
        for _ in 0..<20 { #expect(try await client.send(.get("/")).status == 200) }
        #expect(server.connectionCount == 20)
    }

    @Test func manyCallsAtOnceOverFewConnections() async throws {
        let server = try ScriptedServer { request in .http(200, request.path) }
        defer { server.stop() }
        let client = try client(server, HTTPClientSettings(maxConcurrent: 4))
        let answers = await client.send((0..<500).map { .get("/\($0)") })
        for (index, answer) in answers.enumerated() {
            #expect(String(decoding: try answer.get().body, as: UTF8.self) == "/\(index)")
        }
        #expect(server.connectionCount <= 4)
    }

    @Test func pieces() async throws {
        let server = try ScriptedServer { _ in
            .raw("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n4\r\ndefg\r\n0\r\n\r\n")
        }
        defer { server.stop() }
        #expect(String(decoding: try await client(server).send(.get("/")).body, as: UTF8.self) == "abcdefg")
    }

    @Test func halfAnAnswer() async throws {
        let server = try ScriptedServer { _ in .raw("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf") }
        #expect(try await code(server) == .closedEarly)
    }

    @Test func noAnswerButAnEnd() async throws {
        #expect(try await code(ScriptedServer { _ in .close }) == .closedEarly)
    }

    @Test func aRequestThatLibcurlSentAgainIsMarked() async throws {
        let count = Guarded(0)
        let server = try ScriptedServer { _ in
            let number = count.withLock { count in
                count += 1
                return count
            }
            return number == 2 ? .close : .http(200, "{}")
        }
        defer { server.stop() }
        let client = try client(server)
        #expect(try await client.send(.post("/a", Array("{}".utf8))).wasSentTwice == false)
        #expect(try await client.send(.post("/a", Array("{}".utf8))).wasSentTwice == true)
        #expect(try await client.send(.post("/a", Array("{}".utf8))).wasSentTwice == false)
    }

    @Test func aRequestThatWasSentBeforeTheServerWentMayHaveArrived() async throws {
        let stop = Guarded<(@Sendable () -> Void)?>(nil)
        let server = try ScriptedServer { request in
            guard request.path == "/last" else { return .http(200, "{}") }
            stop.withLock { $0 }?()
            return .close
        }
        stop.withLock { $0 = { server.stop() } }
        let client = try client(server)
        _ = try await client.send(.get("/"))
        do throws(HTTPError) {
            _ = try await client.send(.post("/last", Array("{}".utf8)))
            Issue.record("there is no answer")
        } catch {
            #expect(error.mayHaveArrived, "\(error)")
        }
        stop.withLock { $0 = nil }
    }

    @Test func noHTTP() async throws {
        #expect(try await code(ScriptedServer { _ in .raw("SSH-2.0-OpenSSH_9.2\r\n") }) == .malformed)
    }

    @Test func noAnswerInTime() async throws {
        let server = try ScriptedServer { _ in .hold }
        #expect(try await code(server, HTTPClientSettings(timeout: .milliseconds(200))) == .timedOut)
    }

    @Test func moreThanIsAllowed() async throws {
        let server = try ScriptedServer { _ in .http(200, String(repeating: "x", count: 100_000)) }
        #expect(try await code(server, HTTPClientSettings(maxResponseBytes: 50_000)) == .tooLarge)
    }

    @Test func nobodyListens() async throws {
        let server = try ScriptedServer { _ in .close }
        let address = try server.address
        server.stop()
        let client = try HTTPClient(address, HTTPClientSettings())
        await #expect(throws: HTTPError.self) { _ = try await client.send(.get("/")) }
    }

    @Test func aNameThatIsNone() async throws {
        let client = try HTTPClient(
            try ServerAddress("https://no-such-host.invalid"), HTTPClientSettings(proxy: Secret("")))
        do {
            _ = try await client.send(.get("/"))
            Issue.record("there is no such host")
        } catch {
            #expect(error.code == .cannotResolve && !error.mayHaveArrived)
        }
    }

    @Test func redirectsOnTheSameServerKeepTheMethod() async throws {
        let server = try ScriptedServer { request in
            request.path == "/old"
                ? .http(301, "", headers: ["Location: /new"]) : .http(200, request.method + request.text)
        }
        defer { server.stop() }
        let response = try await client(server).send(.post("/old", Array("!".utf8)))
        #expect(String(decoding: response.body, as: UTF8.self) == "POST!")
    }

    @Test func redirectsElsewhereAreNotFollowed() async throws {
        let other = try ScriptedServer { _ in .http(200, "{}") }
        defer { other.stop() }
        let target = other.url
        #expect(
            try await code(ScriptedServer { _ in .http(302, "", headers: ["Location: \(target)/x"]) }) == .redirected)
        #expect(other.connectionCount == 0)
        #expect(
            try await code(ScriptedServer { _ in .http(302, "", headers: ["Location: /x"]) }) == .redirected, "a circle"
        )
    }

    @Test func aCancelledCallEndsAtOnce() async throws {
        let server = try ScriptedServer { _ in .hold }
        defer { server.stop() }
        let client = try client(server)
        let call = Task { () -> HTTPError.Code? in
            do throws(HTTPError) {
                _ = try await client.send(.get("/"))
                return nil
            } catch {
                return error.code
            }
        }
        #expect(await eventually { server.requests.count == 1 })
        call.cancel()
        #expect(await call.value == .cancelled)
    }

    @Test func aClosedClientAnswersNothing() async throws {
        let server = try ScriptedServer { _ in .hold }
        defer { server.stop() }
        let client = try client(server)
        let call = Task { await client.send([.get("/"), .get("/")]) }
        #expect(await eventually { server.requests.count == 2 })
        await client.close()
        for answer in await call.value { #expect(throws: HTTPError.self) { _ = try answer.get() } }
        for answer in await client.send([.get("/")]) { #expect(throws: HTTPError.self) { _ = try answer.get() } }
    }

    @Test func plainHTTPIsForThisMachine() throws {
        let address = try ServerAddress("http://tasks.example.org/api")
        #expect(throws: HTTPError.self) { _ = try HTTPClient(address, HTTPClientSettings()) }
        _ = try HTTPClient(address, HTTPClientSettings(allowsInsecure: true))
    }

    @Test func aKeyThatNoHeaderMayHoldIsRefusedAndNotShown() throws {
        let address = try ServerAddress("https://tasks.example.org/api")
        do throws(HTTPError) {
            _ = try HTTPClient(address, HTTPClientSettings(apiKey: Secret("hunter2\r\nX: y")))
            Issue.record("it is refused")
        } catch {
            #expect(error.code == .settings && !error.description.contains("hunter2"))
        }
    }
}
