import Foundation
import Testing

/// `workerhost run`: its end, its signals, its log and its progress line.
struct RunTests {
    @Test func anEmptyQueueIsDoneAtOnce() async throws {
        let fixture = try CommandLineFixture()
        let outcome = try await fixture.run("run", "--until-idle")
        #expect(outcome.code == 0, "\(outcome)")
        #expect(outcome.text.isEmpty)
        #expect(outcome.errorText.contains("workerhost: 0 completed in"))
    }

    @Test func aWorkerThatCannotStartIsNamed() async throws {
        let fixture = try CommandLineFixture()
        try FileManager.default.removeItem(atPath: fixture.scratch.file("bad.sh"))
        _ = try await fixture.run("submit", "--type", "Text.Score")
        _ = try await fixture.run("submit", "--type", "Bad.Thing")
        let outcome = try await fixture.run("run", "--until-idle")
        #expect(outcome.code == 1 && !outcome.overran, "\(outcome)")
        #expect(outcome.errorText.contains("1 completed"))
        #expect(outcome.errorText.contains("worker 'bad' cannot be started"))
    }

    @Test(arguments: [SIGTERM, SIGINT])
    func aSignalDrainsAndEndsWithZero(_ signal: Int32) async throws {
        let fixture = try CommandLineFixture()
        try fixture.script(
            "ok.sh",
            "echo here >&2; read line; while [ ! -e go ]; do sleep 0.05; done; echo '{\"success\":true,\"result\":1}'")
        _ = try await fixture.run("submit", "--type", "Text.Score")
        let host = try fixture.runner.start(["run"])
        #expect(await host.wait { $0.errorSoFar.contains("here") })
        host.signal(signal)
        #expect(await host.wait { $0.errorSoFar.contains("Stopping") })
        try fixture.scratch.write("go", "")
        let outcome = await host.outcome()
        #expect(outcome.code == 0, "\(outcome)")
        let tasks = try await fixture.run("tasks", "--json")
        #expect(tasks.text.contains(#""status":"completed""#), "the running task was finished: \(tasks)")
    }

    @Test func aSecondSignalGivesTheTaskBack() async throws {
        let fixture = try CommandLineFixture()
        try fixture.script("ok.sh", "echo here >&2; exec sleep 600")
        _ = try await fixture.run("submit", "--type", "Text.Score")
        let host = try fixture.runner.start(["run"])
        #expect(await host.wait { $0.errorSoFar.contains("here") })
        host.signal(SIGTERM)
        #expect(await host.wait { $0.errorSoFar.contains("Stopping") })
        host.signal(SIGTERM)
        let outcome = await host.outcome()
        #expect(outcome.code == 0 && !outcome.overran, "\(outcome)")
        let task = try #require(try await fixture.run("tasks", "--json").json() as? [[String: Any]])
        #expect(task.first?["status"] as? String == "pending")
        #expect(task.first?["attempts"] as? Int == 0, "being stopped spends no attempt")
    }

    @Test func theProgressLineIsForTerminalsOnly() async throws {
        let fixture = try CommandLineFixture()
        try fixture.script("ok.sh", "cat >/dev/null; sleep 0.5; echo '{\"success\":true,\"result\":1}'")
        let runner = fixture.runner.with(["TERM": "xterm"])
        _ = try await fixture.run("submit", "--type", "Text.Score")
        let seen = try await runner.run(["run", "--until-idle"], error: .terminal(columns: 70))
        #expect(seen.errorText.contains("\r\u{1B}[K"))
        #expect(seen.errorText.contains(" done"))
        _ = try await fixture.run("submit", "--type", "Text.Score")
        let unseen = try await runner.run(["run", "--until-idle"])
        #expect(!unseen.errorText.contains("\u{1B}"))
    }

    @Test func theLogFileHasTheFormatAndIsRotated() async throws {
        let fixture = try CommandLineFixture(
            extra: """
                logging:
                  file: logs/host.log
                  level: DEBUG
                  max_bytes: 4000
                  backup_count: 2
                  format: "<%(levelname)-8s> %(name)s | %(message)s"
                """)
        let lines = String(repeating: "{\"type\":\"Text.Score\"}\n", count: 100)
        _ = try await fixture.run("submit", "-", input: .text(lines))
        let outcome = try await fixture.run("run", "--until-idle")
        #expect(outcome.code == 0, "\(outcome)")
        #expect(!outcome.errorText.contains("workerhost.tasks"), "the log is in the file alone")
        let names = try FileManager.default.contentsOfDirectory(atPath: fixture.scratch.file("logs")).sorted()
        #expect(names == ["host.log", "host.log.1", "host.log.2"])
        for name in names {
            let text = try fixture.scratch.read("logs/\(name)")
            #expect(text.utf8.count <= 4000)
            #expect(text.split(separator: "\n").allSatisfy { $0.hasPrefix("<") && $0.contains("> workerhost") })
        }
    }

    @Test func structuredLogLinesAreJSON() async throws {
        let fixture = try CommandLineFixture(extra: "logging: {structured: true}")
        try fixture.script(
            "ok.sh", "cat >/dev/null; printf 'a \"b\" \\001\\n' >&2; echo '{\"success\":true,\"result\":1}'")
        _ = try await fixture.run("submit", "--type", "Text.Score")
        let outcome = try await fixture.run("run", "--until-idle")
        let lines = outcome.errorText.split(separator: "\n").filter { $0.hasPrefix("{") }
        #expect(!lines.isEmpty)
        for line in lines {
            let object = try #require(try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])
            #expect(object["time"] is String && object["level"] is String && object["message"] is String)
        }
    }

    @Test func aFullDiskStopsNoTask() async throws {
        let fixture = try CommandLineFixture(extra: "logging: {file: /dev/full}")
        _ = try await fixture.run("submit", "--type", "Text.Score")
        let outcome = try await fixture.run("run", "--until-idle")
        #expect(outcome.code == 0, "\(outcome)")
        #expect(outcome.errorText.contains("of the log could not be written"))
    }

    @Test func aLogThatCannotBeOpenedIsTwo() async throws {
        let fixture = try CommandLineFixture(extra: "logging: {file: /proc/no/such.log}")
        let outcome = try await fixture.run("run", "--until-idle")
        #expect(outcome.code == 2, "\(outcome)")
        #expect(outcome.errorText.contains("logging.file"))
    }
}
