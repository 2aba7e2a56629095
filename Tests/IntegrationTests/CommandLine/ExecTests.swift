import Foundation
import Testing

/// `workerhost exec`
struct ExecTests {
    @Test func everythingIsShownAndNothingIsLeft() async throws {
        let fixture = try TrialFixture()
        try fixture.scratch.write("params.json", #"{"n": 7, "text": "a\u001b[31m"}"#)
        let outcome = try await fixture.run("exec", "--type", "Keep.It", "params.json")
        #expect(outcome.code == 0, "\(outcome)")
        for part in [
            "attempt 1 of 3 by worker 'keep'", "command    \(fixture.scratch.path)/keep.sh",
            "directory  \(fixture.scratch.path)", "timeout    5 min, then SIGTERM; SIGKILL after 5 s more",
            "    \"params\": {\n      \"n\": 7,", "Reply, ", "      \"n\": 1.0\n", "Outcome: completed",
            "ended      by itself, exit code 0", "first byte on standard output after", "of processor time",
        ] { #expect(outcome.text.contains(part), "\(part) in \(outcome)") }
        #expect(outcome.errorText.isEmpty)
        let seen = try fixture.scratch.read("seen.0")
        #expect(seen.hasPrefix(#"{"id":"exec","type":"Keep.It","params":{"n": 7, "text": "a\u001b[31m"},"metadata":{"#))
        let environment = try fixture.scratch.read("environment.0")
        #expect(environment.contains("OWN=1\n") && !environment.contains("WORKERHOST_HOST="))
        let temporary = try #require(environment.split(separator: "\n").first { $0.hasPrefix("TMPDIR=") })
        #expect(!FileManager.default.fileExists(atPath: String(temporary.dropFirst(7))))
        #expect(!FileManager.default.fileExists(atPath: fixture.scratch.file("state")), "no queue is needed or made")
    }

    @Test func jsonHasAllOfIt() async throws {
        let fixture = try TrialFixture()
        try fixture.behaviour(#"echo banner; echo said >&2; echo '{"success":true,"result":{"n": 1.0}}'"#)
        let outcome = try await fixture.run(
            "exec", "--worker", "keep", "--params", "{}", "--env", "MORE=a=b", "--json")
        #expect(outcome.code == 0 && outcome.errorText == "said\n", "\(outcome)")
        #expect(outcome.text.contains(#""result":{"n": 1.0}"#), "byte for byte")
        let object = try #require(try outcome.json() as? [String: Any])
        #expect(object["outcome", "status"] as? String == "completed")
        #expect(object["exit_code"] as? Int == 0 && object["stderr"] as? String == "said\n")
        #expect(object["stray_stdout"] as? [String] == ["banner"])
        #expect(object["stdin", "type"] as? String == "Keep.It")
        #expect((object["environment"] as? [String])?.contains("MORE") == true)
        for key in ["wall_seconds", "first_byte_seconds", "user_seconds", "peak_memory_bytes", "pid"] {
            #expect(object[key] is NSNumber, "\(key) in \(outcome)")
        }
        #expect(try fixture.scratch.read("environment.0").contains("MORE=a=b\n"))
    }

    @Test(arguments: [
        ("exit 1", "1", "would be retried: attempt 1 of 3, next within 10 ms", "retry"),
        ("exit 1", "3", "would fail for good: it was attempt 3 of 3", "failed"),
        ("exit 2", "1", "would fail for good: the worker says that another try is useless", "failed"),
        ("kill -11 $$", "1", "SIGSEGV (signal 11)", "retry"),
        ("echo garbage", "1", "its output holds no reply: garbage", "retry"),
    ])
    func failuresAreJudgedAsTheHostDoes(
        _ behaviour: String, _ attempt: String, _ expected: String, _ status: String
    ) async throws {
        let fixture = try TrialFixture()
        try fixture.behaviour(behaviour)
        let outcome = try await fixture.run("exec", "--type", "Keep.It", "--attempt", attempt)
        #expect(outcome.code == 1 && outcome.text.contains(expected), "\(outcome)")
        let json = try await fixture.json("exec", "--type", "Keep.It", "--attempt", attempt, "--json")
        #expect(json["outcome", "status"] as? String == status)
    }

    @Test func theDeadlineIsShownWithItsSteps() async throws {
        let fixture = try TrialFixture(faults: ["ignores-term"])
        let outcome = try await fixture.run("exec", "--type", "Fault.ignores-term", "--timeout", "200ms")
        #expect(outcome.code == 1, "\(outcome)")
        for part in [
            "timeout    200 ms", "the deadline of 0.2 s passed; SIGTERM sent", "SIGKILL sent",
            "by the host, SIGTERM after ", ", SIGKILL after ", ": SIGKILL (signal 9)",
            "would fail for good: it ran out of time",
        ] { #expect(outcome.text.contains(part), "\(part) in \(outcome)") }
    }

    /// The worker waits for a file that is made once its line was seen.
    @Test func standardErrorIsShownAsItIsWritten() async throws {
        let fixture = try TrialFixture()
        try fixture.behaviour(
            "echo first >&2; while [ ! -e go ]; do sleep 0.02; done; echo second >&2; echo '{\"success\":true}'")
        let command = try fixture.runner.start(["exec", "--type", "Keep.It"])
        #expect(await command.wait { $0.outputSoFar.contains("stderr | first\n") })
        #expect(!command.outputSoFar.contains("second"))
        try fixture.scratch.write("go", "")
        let outcome = await command.outcome()
        #expect(outcome.code == 0, "\(outcome)")
        let second = try #require(outcome.text.range(of: "stderr | second"))
        let verdict = try #require(outcome.text.range(of: "Outcome: completed"))
        #expect(second.lowerBound < verdict.lowerBound)
    }

    @Test func badInputIsTwoAndStartsNothing() async throws {
        let fixture = try TrialFixture()
        for (arguments, expected) in [
            (["--type", "Keep.It", "--params", #"{"n":"x"}"#], "/n"),
            (["--type", "Keep.Ti"], "did you mean 'Keep.It'?"),
            (["--worker", "kep"], "did you mean 'keep'?"), (["--type", "Other", "--worker", "keep"], "'Keep.It'"),
            (["--type", "Keep.It", "--params", "{"], "is no JSON"), (["--type", "Keep.It", "no.json"], "no.json"),
            (["--type", "Keep.It", "--timeout", "soon"], "--timeout 'soon'"),
            (["--type", "Keep.It", "--env", "X"], "NAME=VALUE"),
            (["--type", "Keep.It", "--debugger", "no-such-debugger -x"], "no program 'no-such-debugger'"),
            (["--type", "Keep.It", "--debugger", "pdb"], "--interactive"),
            (["--type", "Keep.It", "--debugger", "gdb", "--interactive", "--timeout", "1"], "--no-interactive"),
        ] {
            let outcome = try await fixture.runner.run(["exec"] + arguments)
            #expect(outcome.code == 2 && outcome.errorText.contains(expected), "\(arguments): \(outcome)")
        }
        #expect(!FileManager.default.fileExists(atPath: fixture.scratch.file("seen.0")))
        let forced = try await fixture.run("exec", "--type", "Keep.It", "--params", #"{"n":"x"}"#, "--no-schema")
        #expect(forced.code == 0, "\(forced)")
    }

    @Test func aWorkerThatCannotStartSaysWhatToDo() async throws {
        let fixture = try TrialFixture()
        try FileManager.default.removeItem(atPath: fixture.scratch.file("keep.sh"))
        let outcome = try await fixture.run("exec", "--type", "Keep.It")
        #expect(outcome.code == 1, "\(outcome)")
        #expect(outcome.text.contains("keep.sh: No such file or directory"))
        #expect(outcome.text.contains("correct venv_python or command"))
    }

    @Test func hugeParamsAreCutAndRawOnesAreNot() async throws {
        let fixture = try TrialFixture()
        try fixture.scratch.write("big.json", #"{"text":""# + String(repeating: "x", count: 1 << 20) + #""}"#)
        let outcome = try await fixture.run("exec", "--type", "Keep.It", "--params", "@big.json")
        #expect(outcome.code == 0 && outcome.output.count < 5000)
        #expect(outcome.text.contains("(1.0 MiB in all; --raw shows it)"))
        let raw = try await fixture.run("exec", "--type", "Keep.It", "--params", "@big.json", "--raw")
        let seen = try fixture.scratch.read("seen.1")
        #expect(raw.code == 0 && raw.text.contains(seen))
    }

    @Test(arguments: [(SIGINT, Int32(130)), (SIGTERM, Int32(143))])
    func aSignalEndsTheWorkerInOrder(_ signal: Int32, _ code: Int32) async throws {
        let fixture = try TrialFixture()
        try fixture.behaviour("trap 'echo ended >&2; exit 0' TERM; echo here >&2; while :; do sleep 0.02; done")
        let command = try fixture.runner.start(["exec", "--type", "Keep.It"])
        #expect(await command.wait { $0.outputSoFar.contains("here") })
        command.signal(signal)
        let outcome = await command.outcome()
        #expect(outcome.code == code && !outcome.overran, "\(outcome)")
        #expect(outcome.text.contains("stderr | ended"))
        #expect(outcome.text.contains("would go back to the queue, its attempt unspent"))
    }

    @Test func aSecondSignalKills() async throws {
        let fixture = try TrialFixture()
        try fixture.behaviour("trap 'echo ignored >&2' TERM; echo here >&2; while :; do sleep 0.02; done")
        let command = try fixture.runner.start(["exec", "--type", "Keep.It"])
        #expect(await command.wait { $0.outputSoFar.contains("here") })
        command.signal(SIGINT)
        #expect(await command.wait { $0.outputSoFar.contains("ignored") })
        command.signal(SIGINT)
        let outcome = await command.outcome()
        #expect(outcome.code == 130 && outcome.text.contains("SIGKILL"), "\(outcome)")
    }
}
