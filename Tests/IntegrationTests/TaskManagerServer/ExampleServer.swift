import Foundation
import Testing

#if canImport(Glibc)
    import Glibc
#endif

/// The built `taskmanagerserver`, started on a free port.
final class ExampleServer: Sendable {
    /// What it is asked to show as key in all of these tests.
    static let key = "example-key-5f3a9c"

    let command: RunningCommand
    let port: UInt16
    /// Where the tasks are if the test names no file.
    private let scratch: ScratchDirectory?

    /// - Parameters:
    ///   - data: the queue file; nil for one that goes with the server.
    ///   - port: 0 for any; another one to come back where a killed server was.
    init(_ arguments: [String] = [], data: String? = nil, port: UInt16 = 0, key: String? = ExampleServer.key)
        async throws
    {
        var runner = CommandRunner(executable: CommandRunner.buildDirectory + "/taskmanagerserver")
        runner.bound = .seconds(1800)
        if let key { runner = runner.with(["TASKMANAGER_API_KEY": key]) }
        scratch = data == nil ? try ScratchDirectory() : nil
        let file = data ?? scratch?.file("tasks.sqlite") ?? ""
        let command = try runner.start(["--port", String(port), "--data", file] + arguments)
        self.command = command
        guard await command.wait(until: { $0.outputSoFar.contains("/api\n") }) else {
            throw DidNotStart(outcome: await command.outcome())
        }
        let line = command.outputSoFar.split(separator: "\n").first ?? ""
        self.port = UInt16(line.dropLast("/api".count).split(separator: ":").last ?? "") ?? 0
    }

    /// A server that can be started again on the same port.
    ///
    /// The port is none of those that the system gives to clients: while nobody listens there, a client that tries again
    /// and again would now and then be given the very port that it wants to reach, and keep it.
    static func restartable(
        _ arguments: [String], data: String, key: String = ExampleServer.key
    ) async throws -> ExampleServer {
        for _ in 0..<20 {
            do {
                return try await ExampleServer(arguments, data: data, port: .random(in: 20_000..<32_000), key: key)
            } catch let error as DidNotStart where error.outcome.errorText.contains("Cannot listen") {
                continue
            }
        }
        return try await ExampleServer(arguments, data: data, key: key)
    }

    deinit { command.signal(SIGKILL) }

    struct DidNotStart: Error, CustomStringConvertible {
        let outcome: CommandOutcome
        var description: String { "the server did not start: \(outcome)" }
    }

    /// The answer has no `data`: it is an error.
    struct NoData: Error, Sendable {
        let response: PlainHTTP.Response
    }

    var url: String { "http://127.0.0.1:\(port)/api" }

    /// Kills it as a crash would.
    func kill() async {
        command.signal(SIGKILL)
        _ = await command.outcome()
    }

    /// One request on a connection of its own, with the key; the path is below `/api`.
    func call(_ method: String, _ path: String, _ body: String? = nil) async throws -> PlainHTTP.Response {
        try await PlainHTTP(port: port).send(method, "/api" + path, body, headers: ["X-API-Key": Self.key])
    }

    /// Registers a type that takes any object; its id is 1 if it is the first.
    func register(_ name: String) async throws {
        let body = #"{"name":"\#(name)","version":"1","param_schema":{"type":"object"}}"#
        _ = try await call("POST", "/task-types/register", body)
    }

    /// The `data` of an answer.
    func data(_ method: String, _ path: String, _ body: String? = nil) async throws -> [String: Any] {
        let response = try await call(method, path, body)
        let json = try JSONSerialization.jsonObject(with: Data(response.body)) as? [String: Any]
        guard let data = json?["data"] as? [String: Any] else { throw NoData(response: response) }
        return data
    }
}
