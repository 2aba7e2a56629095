import Foundation
import Testing

/// `purge`, and what `status` says of kept tasks and space
struct PurgeTests {
    @Test func oldTasksAreRemovedOnDemand() async throws {
        let fixture = try CommandLineFixture()
        for _ in 0..<3 { _ = try await fixture.run("submit", "--type", "Text.Score") }
        _ = try await fixture.run("submit", "--type", "Bad.Thing")
        _ = try await fixture.run("run", "--until-idle")
        let status = try await fixture.run("status")
        #expect(status.text.contains("finished tasks  4 there"), "\(status)")
        #expect(status.text.contains("kept for 7 d, at most 100,000; failed ones are kept for ever"), "\(status)")

        let young = try await fixture.run("purge")
        #expect(young.code == 0 && young.text.contains("completed  0 removed (kept for 7 d, at most 100,000)"))
        let plan = try await fixture.run("purge", "--completed", "0", "--failed", "0", "--dry-run")
        #expect(plan.text.contains("completed  3 would be removed") && plan.text.contains("failed     1 would be"))
        let done = try await fixture.run("purge", "--max-completed", "1", "--json")
        let report = try #require(try done.json() as? [String: Any], "\(done)")
        #expect(report["removed"] as? [String: Int] == ["completed": 2, "failed": 0])
        let after = try #require(try await fixture.run("status", "--json").json() as? [String: Any])
        #expect(after["tasks"] as? [String: Int] == ["pending": 0, "running": 0, "completed": 1, "failed": 1])
        let kept = try #require(after["kept"] as? [String: Any])
        #expect(kept["tasks"] as? Int == 2 && kept["max_completed"] as? Int == 100_000)
        #expect(kept["failed_seconds"] is NSNull && kept["oldest_created_at"] is String)
        let queue = try #require(after["queue"] as? [String: Any])
        #expect(queue["can_shrink"] as? Bool == true && (queue["file_bytes"] as? Int ?? 0) > 0)
        let compact = try await fixture.run("purge", "--compact")
        #expect(compact.code == 0, "\(compact)")
    }

    @Test func theConfigurationSaysHowLong() async throws {
        let fixture = try CommandLineFixture()
        _ = try await fixture.run("submit", "--type", "Bad.Thing")
        _ = try await fixture.run("run", "--until-idle")
        let runner = fixture.runner.with([
            "WORKERHOST_TASKMANAGER_KEEP_FAILED": "0", "WORKERHOST_TASKMANAGER_KEEP_MAX_COMPLETED": "unlimited",
        ])
        let outcome = try await runner.run(["purge"])
        #expect(outcome.text.contains("completed  0 removed (kept for 7 d)"), "\(outcome)")
        #expect(outcome.text.contains("failed     1 removed (kept for 0 ms)"), "\(outcome)")
    }

    @Test(arguments: [["--completed", "soon"], ["--max-failed", "-1"], ["--compact", "--dry-run"]])
    func wrongUsageIsTwo(_ arguments: [String]) async throws {
        let fixture = try CommandLineFixture()
        #expect(try await fixture.runner.run(["purge"] + arguments).code == 2)
        let unused = try await fixture.run("purge")
        #expect(unused.code == 0 && unused.text.contains("There is no queue yet"))
    }
}
