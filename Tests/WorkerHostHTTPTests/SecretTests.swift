import Testing
import WorkerHostCore

@testable import WorkerHostHTTP

/// Keys, headers and passwords of proxies stand in no text, whatever happens.
@Suite struct SecretTests {
    private static let secret = "hunter2"

    private func texts(of value: Any) -> String {
        var dumped = ""
        dump(value, to: &dumped)
        return "\(value) \(String(reflecting: value)) \(dumped)"
    }

    private let settings = HTTPClientSettings(
        apiKey: Secret(secret), headers: ["Authorization": Secret("Bearer \(secret)")],
        proxy: Secret("http://user:\(secret)@127.0.0.1:1"), timeout: .milliseconds(300))

    @Test func descriptions() {
        #expect(!texts(of: settings).contains(Self.secret))
        #expect(!texts(of: HTTPTaskManager.Options(client: settings)).contains(Self.secret))
        let worker = RemoteWorkerConfiguration(
            url: "https://w.example.org", headers: ["Authorization": Secret(Self.secret)])
        #expect(!texts(of: worker).contains(Self.secret))
    }

    @Test func errorsOfEveryKind() async throws {
        let scripts: [ScriptedServer.Script] = [
            { _ in .close }, { _ in .hold }, { _ in .raw("no http") }, { _ in Answers.unauthorized },
            { _ in .http(302, "", headers: ["Location: http://user:hunter2@other.example.org/?key=hunter2"]) },
            { _ in Answers.error(500, "Internal server error") }, { _ in Answers.deadlock },
            { _ in .http(200, "<html>") },
            { _ in .raw("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n1") },
        ]
        var direct = settings
        direct.proxy = Secret("")
        for script in scripts {
            let server = try ScriptedServer(script)
            let log = LogRecorder()
            let adapter = try HTTPTaskManager(
                try server.address,
                options: HTTPTaskManager.Options(client: direct, pollInterval: .milliseconds(50)), logger: log.logger())
            var said: [String] = []
            do {
                said.append("\(try await adapter.receiveTasks(limit: 2, types: ["A"]))")
            } catch {
                said.append(texts(of: error))
            }
            let report = TaskReport(
                taskID: "1", lease: Lease(token: "w"), outcome: .failed(TaskFailure(kind: .permanent, message: "no")),
                attempt: AttemptRecord(worker: "a", number: 1))
            do {
                said.append("\(try await adapter.complete([report]))")
            } catch {
                said.append(texts(of: error))
            }
            said.append("\(await adapter.healthCheck())")
            await adapter.shutdown()
            server.stop()
            said.append(log.text)
            #expect(!said.joined().contains(Self.secret), "\(said)")
            #expect(
                server.requests.allSatisfy { $0.headers["x-api-key"] == Self.secret && !$0.path.contains(Self.secret) })
        }
    }

    @Test func aProxyThatIsAway() async throws {
        let client = try HTTPClient(try ServerAddress("https://tasks.example.org/api"), settings)
        do throws(HTTPError) {
            _ = try await client.send(.get("/"))
            Issue.record("there is no proxy")
        } catch {
            #expect(!texts(of: error).contains(Self.secret))
        }
    }
}
