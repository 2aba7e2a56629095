import Foundation
import Testing

#if canImport(Glibc)
    import Glibc
#endif

/// The whole program against the example server, as an operator uses it.
@Suite struct RemoteHostTests {
    /// Notes each run; the params say what it does.
    private static let worker = """
        import json, os, sys, time
        task = json.load(sys.stdin)
        with open("runs", "a") as file: file.write(str(task["id"]) + "\\n")
        params = task["params"]
        while "gate" in params and not os.path.exists(params["gate"]): time.sleep(0.02)
        if "fail" in params:
            error = {"type": "ValueError", "message": params["fail"], "retry_possible": params.get("again", False)}
            print(json.dumps({"id": task["id"], "success": False, "error": error}))
            sys.exit(1)
        print(json.dumps({"id": task["id"], "success": True, "result": {"text": "x" * params.get("size", 1)}}))
        """

    private struct Fixture {
        let scratch: ScratchDirectory
        let server: ExampleServer
        let arguments: [String]
        let runner: CommandRunner

        init(_ arguments: [String], extra: String = "") async throws {
            scratch = try ScratchDirectory()
            self.arguments = arguments
            server = try await ExampleServer.restartable(arguments, data: scratch.file("server.sqlite"))
            try await server.register("T.One")
            try scratch.write("worker.py", RemoteHostTests.worker)
            try scratch.write(
                "workerhost.yaml",
                """
                version: "1.0"
                task_manager: {type: http, url: "\(server.url)", api_key: "${KEY}", poll_interval: 0.1\(extra)}
                state_dir: state
                workers:
                  - {name: w, project_path: ., command: [python3, worker.py], task_types: [T.One], timeout: 60,
                     max_retries: 3, retry_backoff: 0.01}
                """)
            runner = CommandRunner.workerhost.inside(scratch.path).with(["KEY": ExampleServer.key])
        }

        func run(_ arguments: String...) async throws -> CommandOutcome {
            let outcome = try await runner.run(arguments)
            #expect(!outcome.description.contains(ExampleServer.key))
            return outcome
        }

        func submit(_ params: String) async throws {
            let outcome = try await run("submit", "--type", "T.One", "--params", params)
            #expect(outcome.code == 0, "\(outcome)")
        }

        /// The server's row of a task.
        func task(_ id: Int, on server: ExampleServer? = nil) async throws -> [String: Any] {
            let data = try await (server ?? self.server).data("GET", "/tasks/\(id)")
            return (data["items"] as? [[String: Any]])?.first ?? data
        }

        var runs: [String] {
            get throws {
                FileManager.default.fileExists(atPath: scratch.file("runs"))
                    ? try scratch.read("runs").split(separator: "\n").map(String.init) : []
            }
        }

        func outbox() async throws -> [String: Any] {
            let outcome = try await run("outbox", "list", "--json")
            // The host may be about to make the file.
            guard outcome.code == 0 else { return [:] }
            return try outcome.json() as? [String: Any] ?? [:]
        }
    }

    @Test(arguments: [[], ["--quirks"]])
    func tasksAreRunAndReported(_ face: [String]) async throws {
        let fixture = try await Fixture(face)
        for number in 0..<5 { try await fixture.submit(#"{"number":\#(number)}"#) }
        let host = try await fixture.run("run", "--until-idle")
        #expect(host.code == 0, "\(host)")
        let status = try await fixture.run("status", "--json")
        let tasks = (try status.json() as? [String: Any])?["tasks"] as? [String: Int]
        #expect(tasks == ["pending": 0, "running": 0, "completed": 5, "failed": 0], "\(status)")
        #expect(try fixture.runs.sorted() == ["1", "2", "3", "4", "5"])
        #expect(try await fixture.task(1)["result"] as? [String: String] == ["text": "x"])
    }

    @Test(arguments: [[], ["--quirks"]])
    func anOutcomeOutlivesTheServerAndTheHost(_ face: [String]) async throws {
        let fixture = try await Fixture(face)
        let gate = fixture.scratch.file("gate")
        try await fixture.submit(#"{"gate":"\#(gate)"}"#)
        let host = try fixture.runner.start(["run"])
        #expect(try await eventually { try fixture.runs == ["1"] })
        await fixture.server.kill()
        try fixture.scratch.write("gate", "")
        #expect(try await eventually { try await fixture.outbox()["undelivered"] as? Int == 1 })
        // Nothing can be known of the tasks, but what waits for the server is told.
        let status = try await fixture.run("status", "--json")
        #expect(status.code == 3, "\(status)")
        let told = try #require(try status.json() as? [String: Any])
        #expect((told["outbox"] as? [String: Any])?["undelivered"] as? Int == 1 && told["tasks"] == nil, "\(status)")
        let text = try await fixture.run("status")
        #expect(text.text.contains("which does not answer") && text.text.contains("1 outcome not delivered"), "\(text)")
        host.signal(SIGKILL)
        _ = await host.outcome()
        let server = try await ExampleServer(
            face, data: fixture.scratch.file("server.sqlite"), port: fixture.server.port)
        #expect(try await fixture.task(1, on: server)["status"] as? String == "claimed")
        let next = try fixture.runner.start(["run"])
        #expect(try await eventually { try await fixture.task(1, on: server)["status"] as? String == "completed" })
        next.signal(SIGTERM)
        let outcome = await next.outcome()
        #expect(outcome.code == 0 && !outcome.description.contains(ExampleServer.key), "\(outcome)")
        #expect(try fixture.runs == ["1"], "it did not run again")
        #expect(try await fixture.outbox()["undelivered"] as? Int == 0)
    }

    @Test func whoWaitsForATaskWaitsForTheServerToo() async throws {
        let fixture = try await Fixture(["--quirks"])
        let waiting = try fixture.runner.start(
            ["submit", "--type", "T.One", "--params", #"{"number":1}"#, "--wait"])
        #expect(try await eventually { try await fixture.task(1)["status"] as? String == "pending" })
        await fixture.server.kill()
        do {
            let absent = try #require(MuteListener(port: fixture.server.port))
            #expect(await eventually { absent.turnAway() }, "it looks while the server is away")
        }
        let server = try await ExampleServer(
            ["--quirks"], data: fixture.scratch.file("server.sqlite"), port: fixture.server.port)
        let host = try fixture.runner.start(["run"])
        let outcome = await waiting.outcome()
        #expect(outcome.code == 0 && outcome.text.contains(#""text":"x""#), "\(outcome)")
        #expect(try await fixture.task(1, on: server)["status"] as? String == "completed")
        host.signal(SIGTERM)
        _ = await host.outcome()
    }

    /// A key that is refused will be refused again: there is nothing to wait for.
    @Test func whoWaitsForNothingIsToldWhichTasksWereAdded() async throws {
        let fixture = try await Fixture(["--quirks"])
        let waiting = try fixture.runner.start(
            ["submit", "--type", "T.One", "--params", #"{"number":1}"#, "--wait"])
        #expect(try await eventually { try await fixture.task(1)["status"] as? String == "pending" })
        await fixture.server.kill()
        let server = try await ExampleServer(
            ["--quirks"], data: fixture.scratch.file("server.sqlite"), port: fixture.server.port, key: "another")
        let outcome = await waiting.outcome()
        #expect(outcome.code == 3 && outcome.errorText.contains("not seen to end: task 1."), "\(outcome)")
        #expect(!outcome.description.contains(ExampleServer.key))
        await server.kill()
    }

    @Test func aResultThatIsTooLargeForTheServerIsKept() async throws {
        let fixture = try await Fixture(["--quirks", "--max-attempts", "1"])
        try await fixture.submit(#"{"size":70000}"#)
        let host = try fixture.runner.start(["run"])
        #expect(try await eventually { try await fixture.outbox()["rejected"] as? Int == 1 })
        host.signal(SIGTERM)
        _ = await host.outcome()
        let task = try await fixture.task(1)
        #expect(task["status"] as? String == "failed")
        #expect((task["error_message"] as? String)?.contains("workerhost outbox list") == true, "\(task)")
        let entries = try #require(try await fixture.outbox()["entries"] as? [[String: Any]])
        let id = try #require(entries.first?["id"] as? Int)
        let shown = try await fixture.run("outbox", "show", String(id), "--json")
        #expect(shown.text.contains(String(repeating: "x", count: 70000)), "\(shown.text.prefix(300))")
        #expect(try fixture.runs == ["1"])
    }

    /// The server hands out again what has failed, until its own attempts are spent.
    @Test func whatMustNotBeTriedAgainIsRunOnce() async throws {
        let fixture = try await Fixture(["--quirks", "--max-attempts", "3"])
        try await fixture.submit(#"{"fail":"never again"}"#)
        let host = try fixture.runner.start(["run"])
        #expect(try await eventually { try await fixture.task(1)["status"] as? String == "failed" })
        host.signal(SIGTERM)
        _ = await host.outcome()
        #expect(try fixture.runs == ["1"], "it ran once, whatever the server did")
        #expect((try await fixture.task(1)["error_message"] as? String)?.contains("never again") == true)
    }

    /// One report, at the end of all attempts.
    @Test func theHostRepeatsUnderOneClaim() async throws {
        let fixture = try await Fixture(["--max-attempts", "1"])
        try await fixture.submit(#"{"fail":"not yet","again":true}"#)
        let host = try await fixture.run("run", "--until-idle")
        #expect(host.code == 1, "\(host)")
        #expect(try fixture.runs == ["1", "1", "1"])
        let task = try await fixture.task(1)
        #expect(task["status"] as? String == "failed" && task["attempts"] as? Int == 1, "\(task)")
    }

    /// Each failed attempt is told, and the server decides.
    @Test func theServerRepeatsIfItIsToldTo() async throws {
        let fixture = try await Fixture(["--max-attempts", "2"], extra: ", retries: task_manager")
        try await fixture.submit(#"{"fail":"not yet","again":true}"#)
        let host = try fixture.runner.start(["run"])
        #expect(try await eventually { try await fixture.task(1)["status"] as? String == "failed" })
        host.signal(SIGTERM)
        _ = await host.outcome()
        #expect(try fixture.runs == ["1", "1"])
        #expect(try await fixture.task(1)["attempts"] as? Int == 2)
    }
}
