import Foundation
import Testing

/// `config explain` and `config schema`
struct ConfigTests {
    private let fixture: CommandLineFixture

    init() throws { fixture = try CommandLineFixture(extra: "logging: {level: \"${LEVEL:-INFO}\"}\n") }

    private func keys(_ outcome: CommandOutcome) throws -> [[String: Any]] {
        let report = try #require(try outcome.json() as? [String: Any])
        return try #require(report["keys"] as? [[String: Any]])
    }

    @Test func allKeysWithValueAndOrigin() async throws {
        let outcome = try await fixture.run("config", "explain")
        #expect(outcome.code == 0 && outcome.errorText.isEmpty, "\(outcome)")
        func line(_ key: String) -> [Substring]? {
            outcome.lines.first { $0.hasPrefix(key + " ") }?.split(separator: " ")
        }
        #expect(line("task_manager.type") == ["task_manager.type", "sqlite", "workerhost.yaml:2:22"])
        #expect(line("workers[1].timeout") == ["workers[1].timeout", "300s", "default"])
        #expect(line("logging.level") == ["logging.level", "INFO", "workerhost.yaml:6:18", "(${LEVEL})"])
        #expect(try keys(try await fixture.run("config", "explain", "--json")).count == outcome.lines.count - 1)
    }

    @Test func oneKey() async throws {
        let outcome = try await fixture.run("config", "explain", "workers.bad.retry_backoff")
        #expect(
            outcome.text == """
                workers[1].retry_backoff = 1s
                  The upper bound of the wait before the second attempt; it doubles with each attempt. Default: \
                task_manager.retry_backoff.

                  from         default, from task_manager.retry_backoff
                               task_manager.retry_backoff = 1s: default
                  takes        a number of seconds, or a text like 250ms, 30s, 5m, 2h or 1d, from 0ms to 366d
                  override     write ${NAME} in the file: the keys of workers have no variables of their own

                """)
        let level = try await fixture.runner.with(["WORKERHOST_LOGGING_LEVEL": "debug"])
            .run(["config", "explain", "logging.level"])
        #expect(
            level.text == """
                logging.level = DEBUG
                  The least level that is written; case does not matter.

                  from         variable WORKERHOST_LOGGING_LEVEL
                  in place of  workerhost.yaml:6:18, which the variable overrides
                  takes        one of DEBUG, INFO, WARNING, ERROR, CRITICAL
                  default      INFO
                  override     set WORKERHOST_LOGGING_LEVEL

                """)
    }

    @Test func asJSON() async throws {
        let runner = fixture.runner.with(["LEVEL": "ERROR", "WORKERHOST_TASKMANAGER_API_KEY": "hunter2"])
        let level = try #require(
            try keys(try await runner.run(["config", "explain", "logging.level", "--json"])).first)
        #expect(level["value"] as? String == "ERROR")
        #expect((level["origin"] as? [String: Any])?["kind"] as? String == "file")
        #expect((level["origin"] as? [String: Any])?["line"] as? Int == 6)
        #expect((level["variables"] as? [[String: Any]])?.first?["name"] as? String == "LEVEL")
        #expect(level["override_variable"] as? String == "WORKERHOST_LOGGING_LEVEL")
        for arguments in [
            ["config", "explain"], ["config", "explain", "--json"], ["config", "explain", "task_manager"],
        ] {
            let outcome = try await runner.run(arguments)
            #expect(outcome.code == 0)
            #expect(!outcome.description.contains("hunter2"))
            #expect(outcome.text.contains("***"))
        }
    }

    @Test func aFileWithErrorsIsExplainedAsFarAsItGoes() async throws {
        let broken = try CommandLineFixture(extra: "logging: {level: LOUD, structured: true}\n")
        let outcome = try await broken.run("config", "explain", "logging")
        #expect(outcome.code == 2)
        #expect(outcome.text.contains("true"))
        #expect(outcome.lines.contains { $0.hasPrefix("logging.level") && $0.contains("not usable: see the errors") })
        #expect(
            outcome.errorText == """
                workerhost: The configuration has 1 error:
                workerhost.yaml:6:18: logging.level: 'LOUD' is not known here; expected one of DEBUG, INFO, WARNING, \
                ERROR, CRITICAL

                """)
        let report = try #require(
            try await broken.run("config", "explain", "logging", "--json").json() as? [String: Any])
        #expect(report["valid"] as? Bool == false)
        #expect((report["errors"] as? [Any])?.count == 1)
    }

    @Test func theConfigurationMayStandInFrontOfNestedCommands() async throws {
        let file = fixture.scratch.file("workerhost.yaml")
        let elsewhere = CommandRunner.workerhost.inside("/")
        let places = [
            ["--config", file, "config", "explain", "logging.level"],
            ["config", "--config", file, "explain", "logging.level"],
            ["config", "explain", "--config=\(file)", "logging.level"],
            ["--config=\(file)", "config", "explain", "logging.level"],
        ]
        for arguments in places {
            let outcome = try await elsewhere.run(arguments)
            #expect(outcome.code == 0 && outcome.text.hasPrefix("logging.level = INFO"), "\(arguments): \(outcome)")
        }
        for arguments in [["config"], ["--config", file, "config"], ["config", "--help"]] {
            let help = try await elsewhere.run(arguments)
            #expect(help.code == 0 && help.text.contains("USAGE: workerhost config"), "\(arguments): \(help)")
        }
        for command in ["explain", "schema"] {
            let help = try await elsewhere.run(["config", command, "--help"])
            #expect(help.text.contains("  workerhost config \(command)"), "the help of \(command) has an example")
        }
    }

    @Test func theSchemaIsThatOfTheDocumentation() async throws {
        let outcome = try await CommandRunner.workerhost.inside("/").run(["config", "schema"])
        #expect(outcome.code == 0)
        let file = URL(filePath: #filePath).appending(path: "../../../../Docs/workerhost.schema.json")
        #expect(try Data(outcome.output) == Data(contentsOf: file.standardizedFileURL))
    }
}
