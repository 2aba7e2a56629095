import Foundation
import Testing

/// `dead-letters`
struct DeadLettersTests {
    /// Two tasks that failed for good, of one cause, and one that waits.
    private func failedTwice() async throws -> CommandLineFixture {
        let fixture = try CommandLineFixture()
        for _ in 0..<2 { _ = try await fixture.run("submit", "--type", "Bad.Thing", "--params", #"{"n":1}"#) }
        let run = try await fixture.run("run", "--until-idle")
        #expect(run.code == 1)
        #expect(run.errorText.contains("workerhost dead-letters"), "the way on is named: \(run)")
        _ = try await fixture.run("submit", "--type", "Text.Score")
        return fixture
    }

    private func json(_ outcome: CommandOutcome) throws -> [String: Any] {
        try #require(try outcome.json() as? [String: Any], "\(outcome)")
    }

    @Test func theyAreCountedByCauseAndListed() async throws {
        let fixture = try await failedTwice()
        for arguments in [["dead-letters"], ["dead-letters", "list", "--type", "Bad.*", "--error", "ValueError"]] {
            let outcome = try await fixture.runner.run(arguments)
            #expect(outcome.code == 0)
            for part in ["2 dead letters", "permanent", "ValueError", "Bad.Thing", "bad thing"] {
                #expect(outcome.text.contains(part), "\(part) in \(outcome)")
            }
        }
        let report = try json(try await fixture.run("dead-letters", "list", "--json", "--limit", "1"))
        #expect(report["total"] as? Int == 2 && report["poison"] as? Int == 0)
        let cause = try #require((report["causes"] as? [[String: Any]])?.first)
        #expect(cause["count"] as? Int == 2 && ["1", "2"].contains(cause["example"] as? String))
        let tasks = try #require(report["tasks"] as? [[String: Any]])
        #expect(tasks.map { $0["id"] as? String } == ["2"])
        let counts = try json(try await fixture.run("dead-letters", "--counts", "--json"))
        #expect(counts["tasks"] == nil && counts["total"] as? Int == 2)
        for filter in [
            ["--newer-than", "0.000001"], ["--older-than", "1h"], ["--worker", "ok"], ["--kind", "timeout"],
        ] {
            let none = try json(try await fixture.runner.run(["dead-letters", "list", "--json"] + filter))
            #expect(none["total"] as? Int == 0, "\(filter)")
        }
        let table = try await fixture.run("dead-letters", "list", "--kind", "timeout")
        #expect(table.code == 0 && table.errorText.contains("There is no such dead letter."))
    }

    @Test func oneIsShownWithWhatCanBeDone() async throws {
        let fixture = try await failedTwice()
        let shown = try await fixture.run("dead-letters", "show", "1")
        #expect(shown.code == 0)
        for part in [
            #"{"n":1}"#, "ValueError: bad thing", "the reason", "workerhost dead-letters retry 1",
            "workerhost dead-letters discard 1",
        ] {
            #expect(shown.text.contains(part), "\(part) in \(shown)")
        }
        let object = try json(try await fixture.run("dead-letters", "show", "1", "--json"))
        #expect((object["commands"] as? [String: String])?["retry"] == "workerhost dead-letters retry 1")
        let waiting = try await fixture.run("dead-letters", "show", "3")
        #expect(waiting.code == 1 && waiting.errorText.contains("Task 3 is pending, not a dead letter"))
        #expect(try await fixture.run("dead-letters", "show", "9").code == 1)
    }

    @Test func aRetriedOneIsRunAgainByARunningHost() async throws {
        let fixture = try await failedTwice()
        let plan = try await fixture.run("dead-letters", "retry", "--kind", "permanent", "--dry-run")
        #expect(plan.code == 0)
        #expect(
            plan.lines.first == "task 1, type Bad.Thing, ValueError after 1 attempt: would be put back into the queue")
        #expect(plan.lines.last == "2 dead letters would be put back into the queue.")
        try fixture.script("bad.sh", "cat >/dev/null; echo '{\"success\":true,\"result\":{}}'")
        let host = try fixture.runner.start(["run"])
        let isUp = await eventually {
            let status = try? await fixture.run("status", "--json").json() as? [String: Any]
            return (status?["tasks"] as? [String: Int])?["completed"] == 1
        }
        #expect(isUp, "the host has run the third task")
        let retried = try await fixture.run("dead-letters", "retry", "--all", "--json")
        #expect(retried.code == 0, "\(retried)")
        let report = try json(retried)
        #expect(report["done"] as? Int == 2 && report["refused"] as? Int == 0)
        #expect((report["tasks"] as? [[String: Any]])?.compactMap { $0["id"] as? String } == ["1", "2"])
        let isDone = await eventually {
            let status = try? await fixture.run("status", "--json").json() as? [String: Any]
            return (status?["tasks"] as? [String: Int]) == ["pending": 0, "running": 0, "completed": 3, "failed": 0]
        }
        #expect(isDone)
        host.signal(SIGTERM)
        #expect(await host.outcome().code == 0)
        let story = try await fixture.run("explain", "1")
        #expect(story.text.contains("requeued") && story.text.contains("1 attempt spent before"), "\(story)")
    }

    @Test func whatCannotBeDoneIsNamed() async throws {
        let fixture = try await failedTwice()
        let outcome = try await fixture.run("dead-letters", "retry", "1", "3", "77", "--delay", "1h")
        #expect(outcome.code == 1)
        #expect(outcome.text == "1 dead letter was put back into the queue.\n")
        #expect(outcome.errorText.contains("task 3 is pending, not a dead letter"))
        #expect(outcome.errorText.contains("there is no task '77'"))
        let status = try json(try await fixture.run("status", "--json"))
        #expect((status["tasks"] as? [String: Int])?["pending"] == 2)
    }

    @Test func discardingAllIsConfirmed() async throws {
        let fixture = try await failedTwice()
        let refused = try await fixture.run("dead-letters", "discard", "--all")
        #expect(refused.code == 2 && refused.errorText.contains("--yes"))
        let plan = try await fixture.run("dead-letters", "discard", "--all", "--dry-run")
        #expect(plan.code == 0 && plan.lines.count == 3)
        let done = try await fixture.run("--config", "workerhost.yaml", "dead-letters", "discard", "--all", "--yes")
        #expect(done.code == 0 && done.text == "2 dead letters were discarded.\n", "\(done)")
        #expect(try await fixture.run("explain", "1").code == 1)
        #expect(try await fixture.run("dead-letters").errorText.contains("There is no dead letter."))
    }

    @Test(arguments: [
        ["retry"], ["discard"], ["retry", "1", "--all"], ["retry", "--all", "--type", "A"],
        ["retry", "1", "--kind", "crashed"],
        ["list", "--kind", "crashd"], ["list", "--older-than", "soon"], ["retry", "--all", "--limit", "0"], ["show"],
    ])
    func wrongUsageIsTwo(_ arguments: [String]) async throws {
        let fixture = try CommandLineFixture()
        let outcome = try await fixture.runner.run(["dead-letters"] + arguments)
        #expect(outcome.code == 2, "\(outcome)")
        #expect(outcome.text.isEmpty)
        if arguments.contains("crashd") { #expect(outcome.errorText.contains("Did you mean 'crashed'?")) }
    }

    @Test func helpHasAnExample() async throws {
        let fixture = try CommandLineFixture()
        for command in [
            ["dead-letters"], ["dead-letters", "list"], ["dead-letters", "retry"], ["dead-letters", "discard"],
        ] {
            let help = try await fixture.runner.run(command + ["--help"])
            #expect(help.code == 0 && help.text.contains("  workerhost \(command.joined(separator: " "))"), "\(help)")
        }
    }
}
