import Foundation
import Testing

/// `--debugger` of `exec` and `replay`.
struct DebuggerTests {
    private func fixture() throws -> TrialFixture {
        let fixture = try TrialFixture()
        try fixture.scratch.write(
            "worker.py",
            """
            import json
            import sys

            task = json.load(sys.stdin)
            name = task["params"]["name"]
            print(json.dumps({"success": True, "result": name.upper()}))
            """)
        let path = try fixture.scratch.write(
            "tracer.sh", "#!/bin/sh\nprintf '%s\\n' \"$@\" >argv; cat \"$WORKERHOST_INPUT\" >input\nexec \"$@\"\n")
        try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: path)
        try fixture.scratch.write(
            "workerhost.yaml",
            """
            version: "1.0"
            task_manager: {type: sqlite}
            workers:
              - {name: py, project_path: ., command: [python3, -m, worker], task_types: [Py.Up]}
            """)
        return fixture
    }

    @Test func aTracerIsPutBeforeTheCommandAndTheTaskRunsAsEver() async throws {
        let fixture = try fixture()
        let outcome = try await fixture.run(
            "exec", "--type", "Py.Up", "--params", #"{"name":"ada"}"#, "--debugger",
            "\(fixture.scratch.path)/tracer.sh", "--json")
        #expect(outcome.code == 0, "\(outcome)")
        let object = try #require(try outcome.json() as? [String: Any])
        #expect(object["outcome", "result"] as? String == "ADA")
        let words = try fixture.scratch.read("argv").split(separator: "\n")
        #expect(words.first?.hasSuffix("python3") == true && words.dropFirst() == ["-m", "worker"])
        #expect(try fixture.scratch.read("input").contains(#""params":{"name":"ada"}"#))
    }

    /// Typed on a terminal, as a person would: pdb has it, and the worker still finds its task on standard input.
    @Test func pdbHasTheTerminalAndTheWorkerItsTask() async throws {
        let fixture = try fixture()
        var runner = fixture.runner.with(["TERM": "xterm"])
        runner.bound = .seconds(60)
        let command = try runner.start(
            ["exec", "--type", "Py.Up", "--params", #"{"name":"ada"}"#, "--debugger", "pdb"], input: .terminal,
            output: .terminal(columns: 200), error: .terminal(columns: 200))
        for (seen, typed) in [
            ("(Pdb) ", "b 6\n"), ("Breakpoint 1", "c\n"), ("-> print(json", "p 'its ' + name\n"),
            ("'its ada'", "name = 'grace'\n"), ("name = 'grace'", "c\n"),
        ] {
            #expect(await command.wait { $0.outputSoFar.contains(seen) }, "\(seen) in \(command.outputSoFar)")
            command.write(typed)
        }
        let outcome = await command.outcome()
        #expect(outcome.code == 0, "\(outcome)")
        #expect(outcome.text.contains(#""result": "GRACE""#) && outcome.text.contains("Ended: exit code 0"))
        #expect(outcome.errorText.contains("The worker ran to its end."))
    }

    @Test func anExceptionThatNobodyCaughtIsLookedAt() async throws {
        let fixture = try fixture()
        _ = try await fixture.run("submit", "--type", "Py.Up")
        _ = try await fixture.run("run", "--until-idle")
        let outcome = try await fixture.run(
            "replay", "1", "--debugger", "pdb", "--interactive", input: .text("c\np sorted(task)\nq\n"))
        #expect(outcome.code == 1, "\(outcome)")
        #expect(outcome.errorText.contains("KeyError: 'name'"))
        #expect(outcome.text.contains("['id', 'metadata', 'params', 'type']"))
        #expect(outcome.text.contains("Ended: exit code 1"))
    }
}
