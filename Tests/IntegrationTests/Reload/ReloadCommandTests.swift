import Foundation
import Testing

/// What the program shows of reloads and of workers that cannot be started.
struct ReloadCommandTests {
    private static func text(_ more: String = "") -> String {
        """
        task_manager: {type: sqlite, path: state/queue.sqlite}
        workers:
          - {name: ok, project_path: ., command: [./ok.sh], task_types: [Text.Score]}
          - {name: lost, project_path: ., command: [./lost.sh], task_types: [Lost.Thing]}
        \(more)
        """
    }

    private let fixture: CommandLineFixture

    init() throws {
        fixture = try CommandLineFixture()
        try fixture.scratch.write("workerhost.yaml", Self.text())
    }

    @Test func aSignalReloadsAndStatusTellsOfIt() async throws {
        let host = try fixture.runner.start(["run"])
        #expect(await host.wait { $0.errorSoFar.contains("host is running") })
        try fixture.scratch.write("workerhost.yaml", Self.text("logging: {level: DEBUG, structured: true}"))
        let diff = try await fixture.run("config", "diff")
        #expect(diff.code == 0, "\(diff)")
        #expect(diff.text.contains("A reload of the host with process \(host.pid) (SIGHUP) would change:"))
        #expect(diff.text.contains("  ~ logging.level: INFO -> DEBUG"))
        #expect(
            diff.text.contains("  ! logging.structured: false -> true (not before the host is started again)"))
        host.signal(SIGHUP)
        #expect(await host.wait { $0.errorSoFar.contains("change=\"logging.level: INFO -> DEBUG\"") })
        #expect(await host.wait { $0.errorSoFar.contains("some settings take effect when the host is started again") })
        let status = try await fixture.run("status")
        #expect(status.text.contains("1 reload") && status.text.contains("waits for a restart: logging.structured"))
        // At the new level a task's start is told.
        _ = try await fixture.run("submit", "--type", "Text.Score")
        #expect(await host.wait { $0.errorSoFar.contains("task started") })
        let after = try await fixture.run("config", "diff")
        #expect(after.text.contains("nothing would change"))
        #expect(after.text.contains("waits for the host to be started again: logging.structured"))
        host.signal(SIGTERM)
        #expect(await host.outcome().code == 0)
        let without = try await fixture.run("config", "diff")
        #expect(without.code == 0 && without.text.contains("No host runs with this state directory."))
    }

    @Test func aFileThatWouldBeRefusedIsNamed() async throws {
        try fixture.scratch.write("old.yaml", Self.text())
        try fixture.scratch.write(
            "workerhost.yaml",
            Self.text("  - {name: new, project_path: ., command: [./new.sh], task_types: [New.Thing]}"))
        let diff = try await fixture.run("config", "diff", "--from", "old.yaml")
        #expect(diff.code == 2, "\(diff)")
        #expect(diff.text.contains("  + worker 'new'"))
        #expect(diff.text.contains("refused: worker 'new': command: "))
        #expect(diff.text.contains("/new.sh does not exist: check the spelling, or install it"))
        let json = try #require(
            try await fixture.run("config", "diff", "--from", "old.yaml", "--json").json() as? [String: Any])
        let comparison = try #require((json["comparisons"] as? [[String: Any]])?.first)
        #expect((comparison["workers"] as? [[String: Any]])?.first?["change"] as? String == "added")
        #expect((comparison["refused"] as? [String])?.count == 1)
    }

    @Test func tasksThatWouldBeLeftWithoutAWorkerAreCounted() async throws {
        _ = try await fixture.run("submit", "--type", "Lost.Thing")
        _ = try await fixture.run("submit", "--type", "Text.Score")
        try fixture.scratch.write("old.yaml", Self.text())
        try fixture.scratch.write(
            "workerhost.yaml",
            Self.text().split(separator: "\n").filter { !$0.contains("lost") }.joined(separator: "\n"))
        let diff = try await fixture.run("config", "diff", "--from", "old.yaml")
        #expect(diff.code == 0, "\(diff)")
        #expect(diff.text.contains("- worker 'lost': what runs is finished, its types are no longer leased"))
        #expect(diff.text.contains("! 1 task of type 'Lost.Thing' would be left without a worker"))
        #expect(!diff.text.contains("Text.Score"))
    }

    @Test func aWorkerThatCannotBeStartedIsShownByStatusAndExplain() async throws {
        _ = try await fixture.run("submit", "--type", "Lost.Thing")
        let host = try fixture.runner.start(["run"])
        #expect(await host.wait { $0.errorSoFar.contains("worker cannot be started; its tasks wait until it can") })
        let status = try await fixture.run("status")
        #expect(status.text.contains("worker 'lost' cannot be started: "), "\(status)")
        #expect(status.text.contains("lost.sh"))
        let json = try #require(try await fixture.run("status", "--json").json() as? [String: Any])
        let shown = (json["hosts"] as? [[String: Any]])?.first?["unavailable_workers"] as? [[String: Any]]
        #expect(shown?.first?["worker"] as? String == "lost" && shown?.first?["since"] is String)
        let story = try await fixture.run("explain", "1")
        #expect(
            story.text.contains(
                "It waits, because worker 'lost' cannot be started by the host with process \(host.pid): "),
            "\(story)")
        try fixture.script("lost.sh", "cat >/dev/null; echo '{\"success\":true,\"result\":1}'")
        #expect(await host.wait { $0.errorSoFar.contains("worker can be started again") })
        let recovered = try await fixture.run("status")
        #expect(!recovered.text.contains("cannot be started"))
        host.signal(SIGTERM)
        #expect(await host.outcome().code == 0)
    }

    @Test func whatRunsCanBeLookedAtWhileTheFileIsBroken() async throws {
        let host = try fixture.runner.start(["run", "--watch"])
        #expect(await host.wait { $0.errorSoFar.contains("host is running") })
        _ = try await fixture.run("submit", "--type", "Text.Score")
        try fixture.scratch.write("workerhost.yaml", Self.text("shutdown_timeout: soon"))
        #expect(await host.wait { $0.errorSoFar.contains("new configuration refused") })
        let status = try await fixture.run("status")
        #expect(status.code == 0, "\(status)")
        #expect(status.text.contains("a changed configuration was refused"), "\(status)")
        #expect(status.text.contains("workerhost.yaml:5:19: shutdown_timeout: "), "\(status)")
        #expect(status.errorText.contains("the one that the host with process \(host.pid) has in force"))
        #expect(try await fixture.run("explain", "1").code == 0)
        #expect(try await fixture.run("tasks").code == 0)
        host.signal(SIGTERM)
        #expect(await host.outcome().code == 0)
        let without = try await fixture.run("status")
        #expect(without.code == 2 && without.errorText.contains("The configuration has 1 error"))
    }
}
