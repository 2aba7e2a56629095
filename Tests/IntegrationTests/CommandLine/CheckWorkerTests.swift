import Foundation
import Testing

/// `workerhost check-worker`
struct CheckWorkerTests {
    @Test(arguments: ["oneshot", "pool", "batch", "fork"])
    func aGoodWorkerPassesEverything(_ mode: String) async throws {
        let fixture = try CheckWorkerFixture(mode == "fork" ? "oneshot" : mode)
        let text = try fixture.scratch.read("workerhost.yaml")
        try fixture.scratch.write("workerhost.yaml", text.replacing("mode: oneshot", with: "mode: \(mode)"))
        // A shell reads 10 MiB on one line byte by byte.
        let isSlow = mode == "pool" || mode == "batch"
        let outcome = try await fixture.run(["faulty", "--strict"] + (isSlow ? ["--skip", "large-params"] : []))
        #expect(outcome.code == 0 && outcome.errorText.isEmpty, "\(outcome)")
        #expect(outcome.lines[0].hasPrefix("Worker 'faulty' (\(mode)): ") && outcome.lines[0].hasSuffix("sh worker.sh"))
        #expect(outcome.text.contains("Its code really runs, about "))
        #expect(outcome.text.contains("type Check.It, params {}; give it a real task with --params"))
        #expect(outcome.text.contains("mode: fork is tried as oneshot") == (mode == "fork"))
        #expect(outcome.text.contains("\(isSlow ? 24 : 25) checks: all is well, "))
        let expected =
            switch mode {
            case "pool": ["ok       pipelining", "ok       ready", "ok       end-of-input", "skipped  batch"]
            case "batch": ["ok       batch", "ok       half-frame", "skipped  ready"]
            default: ["ok       exit-code", "skipped  two-tasks", "skipped  pipelining"]
            }
        for line in expected { #expect(outcome.text.contains("\n\(line) "), "\(line) in \(outcome)") }
        if mode == "oneshot" { #expect(outcome.text.contains("with mode: pool one would serve many, and save ")) }
        #expect(!FileManager.default.fileExists(atPath: fixture.scratch.file("state")), "no queue is needed or made")
    }

    @Test func jsonHasAllOfIt() async throws {
        let schema = "schema: {type: object, required: [n], properties: {n: {type: integer, minimum: 3}}}"
        let fixture = try CheckWorkerFixture("oneshot", ["FAULT": "echo printed"], settings: schema)
        let arguments = ["faulty", "--json", "--only", "valid-task", "--only", "stdout", "--only", "start-up"]
        let outcome = try await fixture.run(arguments)
        #expect(outcome.code == 0 && outcome.errorText.isEmpty, "\(outcome)")
        let object = try #require(try outcome.json() as? [String: Any])
        #expect(
            Set(object.keys) == [
                "worker", "mode", "tried_as", "format", "command", "type", "params", "params_source", "tasks",
                "complete",
                "passed",
                "counts", "checks",
            ])
        #expect(object["params"] as? [String: Int] == ["n": 3] && object["params_source"] as? String == "schema")
        #expect(object["counts"] as? [String: Int] == ["ok": 2, "failed": 0, "warning": 1, "skipped": 0])
        #expect(object["tasks"] as? Int == 1 && object["passed"] as? Bool == true)
        let checks = try #require(object["checks"] as? [[String: Any]])
        #expect(checks.map { $0["name"] as? String } == ["valid-task", "stdout", "start-up"])
        for check in checks {
            #expect(Set(check.keys) == ["name", "status", "message", "advice", "tasks", "seconds", "facts"])
        }
        #expect(checks[2]["facts"] is [String: Any])
        let strict = try await fixture.run(arguments + ["--strict"])
        #expect(strict.code == 1, "\(strict)")
        #expect((try strict.json() as? [String: Any])?["passed"] as? Bool == false)
    }

    @Test func aFailureHasItsAdviceBelowIt() async throws {
        let fixture = try CheckWorkerFixture("oneshot", ["FAULT": "exit 0"])
        let outcome = try await fixture.run(["faulty"])
        #expect(outcome.code == 1, "\(outcome)")
        let index = try #require(outcome.lines.firstIndex { $0.hasPrefix("failed   valid-task ") })
        #expect(outcome.lines[index + 1].hasPrefix("         -> Write one JSON object"))
        #expect(outcome.text.contains("skipped  sigterm          the valid task was not answered (valid-task)"))
        #expect(outcome.lines.last == "25 checks: 1 failed, 23 skipped.")
    }

    @Test func aVariableThatNoHostPassesOnIsFound() async throws {
        let fixture = try CheckWorkerFixture("oneshot", ["FAULT": #"[ -n "$CHECK_TOKEN" ] || exit 1"#])
        let runner = fixture.runner.with(["CHECK_TOKEN": "x", "ANOTHER": "y", "ZZZ": "z"])
        let outcome = try await runner.run(["check-worker", "faulty", "--only", "environment"])
        #expect(outcome.code == 1, "\(outcome)")
        #expect(outcome.text.contains("it does its task only with 'CHECK_TOKEN', which a host does not pass on"))
        #expect(outcome.text.contains("workers[].inherit_environment"))
    }

    @Test func whatCannotBeStartedIsSaid() async throws {
        let fixture = try CheckWorkerFixture("pool")
        let text = try fixture.scratch.read("workerhost.yaml")
        try fixture.scratch.write("workerhost.yaml", text.replacing("[sh, worker.sh]", with: "[./gone]"))
        let outcome = try await fixture.run(["faulty"])
        #expect(outcome.code == 1 && outcome.text.contains("cannot start worker 'faulty'"), "\(outcome)")
        #expect(outcome.text.contains("workerhost doctor --worker faulty"))
        #expect(outcome.lines.last == "25 checks: 1 failed, 24 skipped.")
    }

    @Test(arguments: [
        ([], "Name the worker to check, or --list the checks."),
        (["fualty"], "There is no worker 'fualty'; did you mean 'faulty'?"),
        (
            ["faulty", "--only", "sigtrem"],
            "There is no check 'sigtrem'; did you mean 'sigterm'? --list names them all."
        ),
        (["faulty", "--only", "sigterm", "--skip", "sigterm"], "--only and --skip leave no check."),
        (["faulty", "--type", "Other"], "The worker 'faulty' does not run the type 'Other'"),
        (["faulty", "--params", "[1]"], "--params must be a JSON object"),
        (["faulty", "--params", "{}"], "The params break the schema of worker 'faulty'"),
        (["faulty", "--timeout", "soon"], "--timeout 'soon' is not a number of seconds"),
    ])
    func wrongUsageIsTwo(_ arguments: [String], _ message: String) async throws {
        let fixture = try CheckWorkerFixture("oneshot", settings: "schema: {type: object, required: [n]}")
        let outcome = try await fixture.run(arguments)
        #expect(outcome.code == 2 && outcome.errorText.contains(message), "\(outcome)")
        #expect(outcome.text.isEmpty)
    }

    @Test func theChecksAreListedWithoutAConfiguration() async throws {
        let scratch = try ScratchDirectory()
        let runner = CommandRunner.workerhost.inside(scratch.path)
        let outcome = try await runner.run(["check-worker", "--list"])
        #expect(outcome.code == 0 && outcome.lines.count == 25, "\(outcome)")
        #expect(outcome.lines[0] == "valid-task       a valid task gets a reply")
        let json = try #require(
            try await runner.run(["check-worker", "--list", "--json"]).json() as? [[String: String]])
        #expect(json.allSatisfy { Set($0.keys) == ["name", "summary"] })
    }

    @Test(arguments: [(SIGINT, Int32(130)), (SIGTERM, Int32(143))])
    func aSignalEndsTheWorkerAndThenTheCommand(_ signal: Int32, _ code: Int32) async throws {
        let behaviour = "setsid sleep 63 & echo $! >child; trap 'touch ended; exit 0' TERM; echo here >here; wait"
        let fixture = try CheckWorkerFixture("oneshot", ["FAULT": behaviour])
        let command = try fixture.runner.start(["check-worker", "faulty"])
        let here = fixture.scratch.file("here")
        #expect(await eventually { FileManager.default.fileExists(atPath: here) })
        command.signal(signal)
        let outcome = await command.outcome()
        #expect(outcome.code == code && !outcome.overran, "\(outcome)")
        #expect(outcome.lines.last == "0 checks before the end was asked for: none was made.")
        #expect(FileManager.default.fileExists(atPath: fixture.scratch.file("ended")))
        let child = try #require(Int32(try fixture.scratch.read("child").trimmingCharacters(in: .newlines)))
        // Its end was asked for before the command's, and takes the moment that a kill takes.
        #expect(await eventually { !Self.isRunning(child) }, "what the worker had started is ended, wherever it went")
    }

    private static func isRunning(_ pid: Int32) -> Bool {
        let words = (try? String(contentsOfFile: "/proc/\(pid)/cmdline", encoding: .utf8)) ?? ""
        return words.contains("sleep")
    }
}
