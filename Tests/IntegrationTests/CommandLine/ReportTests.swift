import Foundation
import Testing

/// `status`, `tasks` and `explain`
struct ReportTests {
    @Test func aQueueThatWasNeverUsedIsEmptyAndStaysUnmade() async throws {
        let fixture = try CommandLineFixture()
        let outcome = try await fixture.run("status", "--json")
        #expect(outcome.code == 0)
        let report = try #require(try outcome.json() as? [String: Any])
        let tasks = try #require(report["tasks"] as? [String: Int])
        #expect(tasks == ["pending": 0, "running": 0, "completed": 0, "failed": 0])
        #expect(try await fixture.run("tasks", "--json").text == "[]\n")
        #expect(!FileManager.default.fileExists(atPath: fixture.scratch.file("state")))
    }

    @Test func theStoryOfARunIsTold() async throws {
        let fixture = try CommandLineFixture()
        _ = try await fixture.run("submit", "--type", "Text.Score", "--params", #"{"a": 1}"#)
        _ = try await fixture.run("submit", "--type", "Bad.Thing")
        let before = try await fixture.run("explain", "1")
        #expect(before.text.contains("No host is running"))
        let run = try await fixture.run("run", "--until-idle")
        #expect(run.code == 1, "a task failed for good: \(run)")
        #expect(run.text.isEmpty)
        #expect(run.errorText.contains("workerhost: 1 completed, 1 failed in"))

        let status = try #require(try await fixture.run("status", "--json").json() as? [String: Any])
        #expect(status["tasks"] as? [String: Int] == ["pending": 0, "running": 0, "completed": 1, "failed": 1])

        let list = try #require(try await fixture.run("tasks", "--json").json() as? [[String: Any]])
        #expect(list.map { $0["status"] as? String } == ["failed", "completed"])
        #expect(list.allSatisfy { $0["attempts"] as? Int == 1 })
        #expect((list[0]["error"] as? [String: Any])?["type"] as? String == "ValueError")
        #expect(list[1]["error"] is NSNull)
        let failed = try await fixture.run("tasks", "--status", "failed", "--json")
        #expect((try failed.json() as? [Any])?.count == 1)
        #expect(try await fixture.run("tasks", "--type", "Text.*", "--json").text.contains(#""result":{"n": 1.0}"#))

        let story = try await fixture.run("explain", "2")
        for part in ["dead letter", "ValueError: bad thing", "the reason", "worker 'bad', process "] {
            #expect(story.text.contains(part), "\(part) in \(story)")
        }
        let advice =
            "worker 'bad' said that another try cannot help: correct the task and submit it again, or correct the worker "
            + "and retry it."
        #expect(story.lines.suffix(2) == ["What to do", "  \(advice)"])
        #expect((list[0]["error"] as? [String: Any])?["advice"] as? String == advice)
        let table = try await fixture.run("tasks")
        #expect(table.errorText == "'workerhost explain ID' says what to do about a failed task.\n")
        let json = try #require(try await fixture.run("explain", "1", "--json").json() as? [String: Any])
        #expect((json["timeline"] as? [[String: Any]])?.last?["kind"] as? String == "completed")
    }

    @Test func anUnknownTaskIsOne() async throws {
        let fixture = try CommandLineFixture()
        for id in ["99", "no such \u{1B}[31m"] {
            let outcome = try await fixture.run("explain", id, "--json")
            #expect(outcome.code == 1)
            #expect(outcome.text.isEmpty)
            #expect(outcome.errorText.contains("There is no task"))
            #expect(!outcome.errorText.contains("\u{1B}"), "what came from outside cannot move the cursor")
        }
    }

    @Test func aReaderThatGoesEndsTheCommandQuietly() async throws {
        let fixture = try CommandLineFixture()
        let line = "{\"type\":\"Text.Score\",\"params\":{\"text\":\"\(String(repeating: "x", count: 1500))\"}}\n"
        try fixture.scratch.write("t.jsonl", String(repeating: line, count: 1000))
        let submit = try await fixture.runner.run(["submit", "t.jsonl"], output: .closed(afterBytes: 1))
        #expect(submit.code == 0)
        let tasks = try await fixture.runner.run(["tasks", "--json"], output: .closed(afterBytes: 10))
        #expect(tasks.code == 0, "\(tasks)")
        #expect(tasks.errorText.isEmpty)
        let all = try #require(try await fixture.run("tasks", "--json").json() as? [Any])
        #expect(all.count == 1000, "a reader that went stops the printing, not the adding")
    }

    @Test func coloursAndWidthFollowTheTerminal() async throws {
        let fixture = try CommandLineFixture()
        _ = try await fixture.run("submit", "--type", "Text.Score")
        let runner = fixture.runner.with(["TERM": "xterm"])
        #expect(try await !runner.run(["tasks"]).text.contains("\u{1B}"))
        let coloured = try await runner.run(["tasks"], output: .terminal(columns: 60))
        #expect(coloured.text.contains("\u{1B}[33mpending"))
        let plain = try await runner.with(["NO_COLOR": "1"]).run(["tasks"], output: .terminal(columns: 60))
        #expect(!plain.text.contains("\u{1B}"))
        #expect(plain.lines.allSatisfy { $0.trimmingCharacters(in: .whitespacesAndNewlines).count <= 60 }, "\(plain)")
    }
}
