import Foundation
import Testing

/// `workerhost cancel`
struct CancelTests {
    private static let workers = """
          - {name: slow, project_path: ., command: [./slow.sh], task_types: [Slow.Nap], concurrency: 1, stop_grace: 20s}
          - {name: deaf, project_path: ., command: [./deaf.sh], task_types: [Slow.Deaf], stop_grace: 100ms}
        """

    private func fixture() throws -> CommandLineFixture {
        let fixture = try CommandLineFixture(extra: Self.workers)
        try fixture.script("slow.sh", "cat >/dev/null; echo start >> runs; exec sleep 600")
        try fixture.script("deaf.sh", "trap '' TERM; cat >/dev/null; echo start >> runs; while :; do sleep 1; done")
        return fixture
    }

    private func runs(_ fixture: CommandLineFixture) -> Int {
        // Not there before the first task has run.
        ((try? fixture.scratch.read("runs")) ?? "").split(separator: "\n").count
    }

    private func stop(_ host: RunningCommand) async {
        host.signal(SIGTERM)
        #expect(await host.outcome().code == 0)
    }

    @Test func eachTaskIsCancelledAsItsStateDemands() async throws {
        let fixture = try fixture()
        let none = try await fixture.run("cancel", "1")
        #expect(none.code == 1 && none.errorText.contains("there is no task '1' in the queue"), "\(none)")
        let host = try fixture.runner.start(["run"])
        let running = try fixture.runner.start(["submit", "--wait", "--type", "Slow.Nap"])
        #expect(await eventually { runs(fixture) == 1 })
        _ = try await fixture.run("submit", "--type", "Slow.Nap")
        _ = try await fixture.run("submit", "--type", "Text.Score", "--delay", "1h")
        _ = try await fixture.run("submit", "--type", "Text.Score", "--wait")
        let waiting = try await fixture.run("cancel", "2", "3", "--reason", "not needed")
        #expect(waiting.code == 0, "\(waiting)")
        #expect(waiting.lines == ["Task 2 is cancelled and never runs.", "Task 3 is cancelled and never runs."])
        let outcome = try await fixture.run("cancel", "1", "4", "99", "--wait", "--reason", "wrong channel")
        #expect(outcome.code == 1, "\(outcome)")
        #expect(
            outcome.lines == [
                "Task 1 is cancelled: the task was cancelled, so worker 'slow' was ended (reason: wrong channel)",
                "Task 4 is completed already: left as it is.",
            ])
        #expect(outcome.errorText == "workerhost: there is no task '99' in the queue\n")
        let submitted = await running.outcome()
        #expect(submitted.code == 1 && submitted.errorText.contains("task 1 failed: Cancelled: "), "\(submitted)")
        let story = try await fixture.run("explain", "1")
        for part in [
            "cancel requested  by an operator: wrong channel", "the task was cancelled; SIGTERM sent",
            "It was cancelled, and is a dead letter.", "Retry it if that was a mistake.",
        ] { #expect(story.text.contains(part), "\(part) in \(story)") }
        let again = try await fixture.run("cancel", "1", "--json")
        #expect(again.code == 0)
        #expect(again.text.contains(#""id":"1","type":"Slow.Nap","outcome":"finished","status":"failed""#), "\(again)")
        await stop(host)
        #expect(runs(fixture) == 1, "neither was the second started nor the first one again")
    }

    @Test func aWorkerThatIgnoresSIGTERMIsKilled() async throws {
        let fixture = try fixture()
        let host = try fixture.runner.start(["run"])
        _ = try await fixture.run("submit", "--type", "Slow.Deaf")
        #expect(await eventually { runs(fixture) == 1 })
        let outcome = try await fixture.run("cancel", "1", "--wait", "--json")
        #expect(outcome.code == 0)
        #expect(outcome.text.contains(#""outcome":"cancelled","status":"failed""#), "\(outcome)")
        let story = try await fixture.run("explain", "1")
        #expect(story.text.contains("the task was cancelled; SIGKILL sent"), "\(story)")
        await stop(host)
    }

    @Test func aRequestOutlivesTheHost() async throws {
        let fixture = try fixture()
        let host = try fixture.runner.with(["WORKERHOST_TASKMANAGER_CLAIM_TIMEOUT": "1h"]).start(["run"])
        _ = try await fixture.run("submit", "--type", "Slow.Nap")
        #expect(await eventually { runs(fixture) == 1 })
        // So that it cannot act before it dies.
        host.signal(SIGSTOP)
        let outcome = try await fixture.run("cancel", "1")
        #expect(outcome.text.hasPrefix("Task 1 is being ended by the host with process \(host.pid)."), "\(outcome)")
        let story = try await fixture.run("explain", "1")
        #expect(story.text.contains("It is being cancelled"), "\(story)")
        host.signal(SIGKILL)
        _ = await host.outcome()
        let again = try await fixture.run("cancel", "1")
        #expect(
            again.text == "Task 1 was cancelled before. If the host of task 1 has died, the next host ends the task as "
                + "cancelled without running it.\n", "\(again)")
        let next = try await fixture.run("run", "--until-idle")
        #expect(next.code == 0, "\(next)")
        let end = try await fixture.run("explain", "1")
        #expect(end.text.contains("died before it had ended it"), "\(end)")
        #expect(runs(fixture) == 1, "it was not run again")
    }

    @Test func wrongUsageIsTwo() async throws {
        let fixture = try fixture()
        #expect(try await fixture.run("cancel").code == 2)
        #expect(try await fixture.run("cancel", "1", "--reason", " ").code == 2)
    }
}
