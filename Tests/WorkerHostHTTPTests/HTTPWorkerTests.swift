import Testing
import WorkerHostCore

@testable import WorkerHostHTTP

/// Workers that are services.
@Suite struct HTTPWorkerTests {
    private func run(
        _ script: @escaping ScriptedServer.Script, headers: [String: Secret] = [:], timeout: Duration = .seconds(20)
    ) async throws -> (Result<TaskResult, TaskFailure>, ScriptedRequest?) {
        let server = try ScriptedServer(script)
        defer { server.stop() }
        let configuration = WorkerConfiguration(
            name: "svc", projectPath: "/",
            remote: RemoteWorkerConfiguration(url: server.url + "/run", headers: headers),
            taskTypes: ["T.*"], timeout: timeout)
        let worker = HTTPWorker(configuration, logger: LogRecorder().logger())
        #expect(worker.canHandle("T.One") && !worker.canHandle("U"))
        let task = WorkerTask(
            id: "7", type: "T.One", params: RawJSON(unchecked: Array(#"{"a":1.50}"#.utf8)),
            metadata: TaskMetadata(traceParent: "00-aa-bb-01"))
        do throws(TaskFailure) {
            return (.success(try await worker.process(task)), server.requests.first)
        } catch {
            return (.failure(error), server.requests.first)
        }
    }

    private func failure(_ script: @escaping ScriptedServer.Script) async throws -> TaskFailure? {
        if case .failure(let failure) = try await run(script).0 { failure } else { nil }
    }

    @Test func theTaskGoesOutAndTheReplyComesBack() async throws {
        let (result, request) = try await run(
            { _ in .http(200, #"{"id":"7","success":true,"result":{"b":2.0}}"#) },
            headers: ["Authorization": Secret("Bearer x")])
        #expect(try result.get().value.text == #"{"b":2.0}"#)
        let sent = try #require(request)
        #expect(sent.method == "POST" && sent.path == "/run" && sent.headers["authorization"] == "Bearer x")
        #expect(sent.headers["traceparent"] == "00-aa-bb-01")
        #expect(sent.text.hasPrefix(#"{"id":"7","type":"T.One","params":{"a":1.50},"metadata":{"#))
    }

    @Test func theReplyDecides() async throws {
        let permanent = try await failure { _ in
            .http(200, #"{"success":false,"error":{"type":"Bad","message":"no","retry_possible":false}}"#)
        }
        #expect(permanent?.kind == .permanent && permanent?.description == "Bad: no")
        let retriable = try await failure { _ in .http(200, #"{"success":false,"error":{"type":"Bad","message":"no"}}"#)
        }
        #expect(retriable?.kind == .retriable)
        for body in ["", "<html>", #"{"id":"8","success":true}"#, #"{"success":tr"#] {
            #expect(try await failure { _ in .http(200, body) }?.kind == .protocolViolation, "\(body)")
        }
    }

    @Test(arguments: [
        (408, true), (429, true), (500, true), (503, true), (400, false), (404, false), (422, false), (425, false),
        (301, false),
    ])
    func theStatusDecidesOtherwise(_ status: Int, _ isRetriable: Bool) async throws {
        let failure = try await failure { _ in .http(status, "sorry", headers: ["Retry-After: 9"]) }
        #expect(failure?.isRetriable == isRetriable && failure?.type == "HTTP\(status)")
        #expect(failure?.retryAfter == .seconds(9) && failure?.message.hasSuffix("answered \(status): sorry") == true)
    }

    @Test func anErrorWithAReplyInIt() async throws {
        let failure = try await failure { _ in
            .http(500, #"{"success":false,"error":{"type":"Bad","message":"no","retry_possible":false}}"#)
        }
        #expect(failure?.description == "Bad: no" && failure?.isRetriable == false)
    }

    @Test func connectionsThatFail() async throws {
        #expect(try await failure { _ in .close }?.isRetriable == true)
        let (late, _) = try await run({ _ in .hold }, timeout: .milliseconds(200))
        guard case .failure(let failure) = late else {
            Issue.record("no answer comes")
            return
        }
        #expect(failure.kind == .timeout)
    }

    @Test func anAddressThatCannotBeUsedStartsNothing() async throws {
        let configuration = WorkerConfiguration(
            name: "svc", projectPath: "/", remote: RemoteWorkerConfiguration(url: "http://w.example.org/"),
            taskTypes: ["T"])
        let worker = HTTPWorker(configuration, logger: LogRecorder().logger())
        await #expect(throws: TaskFailure.self) {
            _ = try await worker.process(WorkerTask(id: "1", type: "T", params: .emptyObject))
        }
        #expect(await !worker.healthCheck().isUsable)
    }
}
