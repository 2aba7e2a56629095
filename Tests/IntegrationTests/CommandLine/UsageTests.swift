import Foundation
import Testing

/// Exit codes, help and complaints of the command line.
struct UsageTests {
    @Test(arguments: [
        ["frobnicate"], ["submit"], ["submit", "--type"], ["run", "--nonsense"], ["tasks", "--status", "odd"],
        ["submit", "file", "--type", "A"], ["tasks", "--limit", "0"], ["explain"], ["exec"], ["replay"],
        ["exec", "file", "--type", "Text.Score", "--params", "{}"], ["exec", "--type", "Text.Score", "--interactive"],
    ])
    func wrongUsageIsTwo(_ arguments: [String]) async throws {
        let fixture = try CommandLineFixture()
        let outcome = try await fixture.runner.run(arguments)
        #expect(outcome.code == 2, "\(outcome)")
        #expect(outcome.text.isEmpty)
        #expect(outcome.errorText.contains("Usage:"))
    }

    @Test func versionAndHelpAreData() async throws {
        let fixture = try CommandLineFixture()
        let version = try await fixture.run("--version")
        #expect(version.code == 0)
        #expect(version.text.hasPrefix("workerhost "))
        for command in [
            "run", "submit", "status", "tasks", "explain", "dead-letters", "purge", "exec", "replay", "validate",
            "doctor",
        ] {
            let help = try await fixture.run(command, "--help")
            #expect(help.code == 0)
            #expect(help.text.contains("  workerhost \(command)"), "the help of \(command) has an example")
        }
    }

    @Test func aMissingConfigurationIsTwoAndSaysWhatToDo() async throws {
        let scratch = try ScratchDirectory()
        let outcome = try await CommandRunner.workerhost.inside(scratch.path).run(["status"])
        #expect(outcome.code == 2)
        #expect(outcome.errorText.contains("WORKERHOST_CONFIG"))
    }

    @Test func theConfigurationIsFoundInEveryWay() async throws {
        let fixture = try CommandLineFixture()
        let file = fixture.scratch.file("workerhost.yaml")
        let elsewhere = CommandRunner.workerhost.inside("/")
        #expect(try await elsewhere.run(["status", "--config", file]).code == 0)
        #expect(try await elsewhere.run(["--config", file, "status"]).code == 0)
        #expect(try await elsewhere.run(["--config=\(file)", "status"]).code == 0)
        #expect(try await elsewhere.with(["WORKERHOST_CONFIG": file]).run(["status"]).code == 0)
        #expect(try await fixture.run("status").code == 0)
    }

    @Test func allErrorsOfTheConfigurationComeAtOnce() async throws {
        let fixture = try CommandLineFixture(extra: "logging: {levl: INFO, max_bytes: many}")
        let run = try await fixture.run("run", "--until-idle")
        #expect(run.code == 2)
        #expect(run.errorText.contains("logging.levl"))
        #expect(run.errorText.contains("logging.max_bytes"))
        let validate = try await fixture.run("validate", "--json")
        #expect(validate.code == 2)
        let report = try #require(try validate.json() as? [String: Any])
        #expect(report["valid"] as? Bool == false)
        #expect((report["errors"] as? [Any])?.count == 2)
    }

    @Test func validateNamesWorkersThatCannotBeStarted() async throws {
        let fixture = try CommandLineFixture()
        #expect(try await fixture.run("validate").code == 0)
        try FileManager.default.removeItem(atPath: fixture.scratch.file("bad.sh"))
        let outcome = try await fixture.run("validate")
        #expect(outcome.code == 2)
        #expect(outcome.text.contains("bad.sh does not exist"))
    }

    @Test func anotherTaskManagerIsTwo() async throws {
        let fixture = try CommandLineFixture()
        let outcome = try await fixture.runner.with(["WORKERHOST_TASKMANAGER_TYPE": "redis"]).run(["status"])
        #expect(outcome.code == 2)
        #expect(outcome.errorText.contains("sqlite"))
    }

    @Test func aFileThatIsNoQueueIsThree() async throws {
        let fixture = try CommandLineFixture()
        try fixture.scratch.write("state/queue.sqlite", String(repeating: "no database ", count: 1000))
        for arguments in [["status", "--json"], ["run", "--until-idle"], ["submit", "--type", "Text.Score"]] {
            let outcome = try await fixture.runner.run(arguments)
            #expect(outcome.code == 3, "\(arguments): \(outcome)")
            #expect(outcome.text.isEmpty)
            #expect(outcome.errorText.contains("queue.sqlite"))
        }
    }
}
