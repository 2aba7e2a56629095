import Foundation
import Testing
import WorkerHostCore
import WorkerHostSQLite

/// `workerhost replay`
struct ReplayTests {
    @Test func aCompletedTaskReadsTheSameAndNothingIsReported() async throws {
        let fixture = try TrialFixture()
        _ = try await fixture.run("submit", "--type", "Keep.It", "--params", #"{ "n":1 , "x":1.50}"#, "--priority", "4")
        #expect(try await fixture.run("run", "--until-idle").code == 0)
        let before = try await fixture.queue()
        let outcome = try await fixture.run("replay", "1")
        #expect(outcome.code == 0, "\(outcome)")
        #expect(try fixture.scratch.read("seen.1") == fixture.scratch.read("seen.0"), "byte for byte")
        for part in [
            "outcome    the same: it completed", "result     the same, byte for byte", "the clock are today's",
        ] {
            #expect(outcome.text.contains(part), "\(part) in \(outcome)")
        }
        try fixture.behaviour(#"echo '{"success":true,"result":{"n":2,"m":[1]}}'"#)
        let other = try await fixture.json("replay", "1", "--json")
        #expect(other["comparison", "same_outcome"] as? Bool == true)
        #expect(other["comparison", "same_result"] as? Bool == false)
        #expect(other["comparison", "differences"] as? [String] == ["/m: a list of 1, was missing", "/n: 2, was 1.0"])
        #expect(try await fixture.queue() == before)
    }

    @Test func failedAndRetriedAttemptsAreCompared() async throws {
        let fixture = try TrialFixture()
        try fixture.behaviour("grep -q '\"attempt\":1,' seen.$n && exit 7; echo 'no more' >&2; exit 2")
        _ = try await fixture.run("submit", "--type", "Keep.It")
        #expect(try await fixture.run("run", "--until-idle").code == 1)
        let before = try await fixture.queue()

        let last = try await fixture.json("replay", "1", "--json")
        #expect(last["attempt"] as? Int == 2)
        #expect(last["comparison", "same_outcome"] as? Bool == true)
        #expect(last["comparison", "same_error"] as? Bool == true)
        #expect(last["comparison", "same_exit_code"] as? Bool == true)
        #expect(try fixture.scratch.read("seen.2") == fixture.scratch.read("seen.1"))

        let first = try await fixture.run("replay", "1", "--attempt", "1")
        #expect(first.code == 1 && first.text.contains("the same: it was retried"), "\(first)")
        #expect(first.text.contains("was: ExitCode7"))
        #expect(try fixture.scratch.read("seen.3") == fixture.scratch.read("seen.0"))

        try fixture.behaviour("exit 3")
        let other = try await fixture.run("replay", "1")
        #expect(other.text.contains("kind       timeout, was permanent"), "\(other)")
        #expect(other.text.contains("exit code  3, was 2"))
        let none = try await fixture.run("replay", "1", "--attempt", "9")
        #expect(none.text.contains("nothing to compare: there was no such attempt yet"), "\(none)")
        #expect(try await fixture.queue() == before)
    }

    /// Trace context, extra metadata and a deadline come from programs, not from `submit`.
    @Test func allMetadataComesAlongAndAPassedDeadlineDoesNotEndIt() async throws {
        let fixture = try TrialFixture()
        try fixture.behaviour("while [ ! -e go ]; do sleep 0.02; done; echo '{\"success\":true}'")
        let deadline = Timestamp.now.advanced(by: .seconds(300))
        let queue = try await self.queue(fixture)
        let trace = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
        _ = try await queue.enqueue([
            NewTask(
                type: "Keep.It", params: RawJSON(validating: #"{"n":1}"#), priority: -2, deadline: deadline,
                traceParent: trace, extra: RawJSON(validating: #"{"tenant": "é"}"#)),
            NewTask(type: "Keep.It", deadline: Timestamp.now.advanced(by: .seconds(-60))),
        ])
        let host = try fixture.runner.start(["run", "--until-idle"])
        #expect(await eventually { FileManager.default.fileExists(atPath: fixture.scratch.file("environment.0")) })
        try fixture.scratch.write("go", "")
        _ = await host.outcome()
        let first = try await fixture.run("replay", "1")
        #expect(first.code == 0, "\(first)")
        #expect(try fixture.scratch.read("seen.1") == fixture.scratch.read("seen.0"))
        #expect(try fixture.scratch.read("seen.0").contains(#""extra":{"tenant": "é"}"#))
        for number in 0...1 {
            #expect(try fixture.scratch.read("environment.\(number)").contains("TRACEPARENT=\(trace)\n"))
        }
        #expect(first.text.contains("this attempt gets the time that the stored one had"))

        let expired = try await fixture.run("replay", "2")
        #expect(expired.code == 0, "\(expired)")
        #expect(expired.text.contains("has passed: a host would not run it any more"))
        #expect(expired.text.contains("outcome    another one: it failed for good"))
    }

    /// The host looks for leftovers of other hosts while the replay runs.
    @Test func aRunningHostLeavesTheReplayAlone() async throws {
        let fixture = try TrialFixture()
        _ = try await fixture.run("submit", "--type", "Keep.It")
        let host = try fixture.runner.start(["run"])
        #expect(await eventually { FileManager.default.fileExists(atPath: fixture.scratch.file("environment.0")) })
        try fixture.behaviour("while [ ! -e go ]; do sleep 0.02; done; echo '{\"success\":true,\"result\":{\"n\":1}}'")
        let replay = try fixture.runner.start(["replay", "1"])
        #expect(await eventually { FileManager.default.fileExists(atPath: fixture.scratch.file("environment.1")) })
        // The second host sweeps when it starts, the first one after each attempt.
        let second = try fixture.runner.start(["run"])
        _ = try await fixture.run("submit", "--type", "Keep.It")
        #expect(await eventually { FileManager.default.fileExists(atPath: fixture.scratch.file("environment.2")) })
        try fixture.scratch.write("go", "")
        let outcome = await replay.outcome()
        #expect(outcome.code == 0 && outcome.text.contains("Outcome: completed"), "\(outcome)")
        for command in [host, second] {
            command.signal(SIGTERM)
            #expect(await command.outcome().code == 0)
        }
    }

    @Test func anUnknownTaskAndOneWithoutAWorkerAreNamed() async throws {
        let fixture = try TrialFixture()
        let missing = try await fixture.run("replay", "5")
        #expect(missing.code == 1 && missing.errorText.contains("There is no task '5'"))
        _ = try await fixture.run("submit", "--type", "Keep.Itt", "--allow-unknown")
        let unknown = try await fixture.run("replay", "1")
        #expect(unknown.code == 2 && unknown.errorText.contains("did you mean 'Keep.It'?"), "\(unknown)")
    }

    private func queue(_ fixture: TrialFixture) async throws -> SQLiteTaskManager {
        try FileManager.default.createDirectory(
            atPath: fixture.scratch.file("state"), withIntermediateDirectories: true)
        return try SQLiteTaskManager(path: fixture.scratch.file("state/queue.sqlite"))
    }
}
