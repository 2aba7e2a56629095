import Foundation
import Testing

/// `workerhost init --worker NAME`: a worker is added to a project that has one already.
struct InitWorkerTests {
    private static let text = """
        # Mine.
        version: "1.0"
        workers:
        - name: ok        # the first
          project_path: .
          command: [./ok.sh]
          task_types: [Text.Score]

        # Where tasks come from.
        task_manager: {type: sqlite, path: state/queue.sqlite}

        """
    private static let entry = """

        - name: mailer
          project_path: ./workers/mailer
          command: [bash, worker.sh]
          task_types: [Mail.Send]
          timeout: 60s           # the longest an attempt may run
          max_retries: 3         # how often a failing task is tried, all attempts together
          # concurrency: 4       # processes at once; otherwise as many as there are cores
          # environment:         # what it sees beside PATH, HOME, LANG and the like
          #   API_KEY: ${API_KEY}
          # limits:
          #   max_memory_mb: 512

        """
    private static let mailer = ["init", "--worker", "mailer", "--type", "Mail.Send", "--language", "bash"]

    private let fixture: CommandLineFixture

    init() throws {
        fixture = try CommandLineFixture()
        try fixture.scratch.write("workerhost.yaml", Self.text)
    }

    private func config() throws -> String { try fixture.scratch.read("workerhost.yaml") }

    private func isMade(_ path: String) -> Bool {
        FileManager.default.fileExists(atPath: fixture.scratch.file(path))
    }

    @Test func theEntryIsAddedAndTheRestStays() async throws {
        let path = fixture.scratch.file("workerhost.yaml")
        try FileManager.default.setAttributes([.posixPermissions: 0o640], ofItemAtPath: path)
        let added = try await fixture.runner.run(Self.mailer)
        #expect(added.code == 0, "\(added)")
        #expect(try config() == Self.text.replacing("\n# Where", with: Self.entry + "\n# Where"))
        #expect(added.text.contains("Wrote to line 9 of workerhost.yaml:"))
        let attributes = try FileManager.default.attributesOfItem(atPath: path)
        #expect(attributes[.posixPermissions] as? Int == 0o640)
        _ = try await fixture.run("submit", "--type", "Mail.Send", "--params", #"{"name":"Ada"}"#)
        #expect(try await fixture.run("run", "--until-idle").code == 0)
        #expect(try await fixture.run("tasks").text.contains("Hello, Ada!"))
    }

    @Test func aDryRunShowsTheEntryAndWritesNothing() async throws {
        let outcome = try await fixture.runner.run(Self.mailer + ["--dry-run"])
        #expect(outcome.code == 0)
        #expect(outcome.text.contains("Would write to line 9 of workerhost.yaml:\n\n- name: mailer\n"))
        #expect(outcome.text.contains("workers/mailer/worker.sh"))
        #expect(try config() == Self.text)
        #expect(!isMade("workers"))
    }

    @Test func aLinkedConfigurationStaysALink() async throws {
        let scratch = fixture.scratch
        try scratch.write("real/host.yaml", Self.text)
        try FileManager.default.removeItem(atPath: scratch.file("workerhost.yaml"))
        try FileManager.default.createSymbolicLink(
            atPath: scratch.file("workerhost.yaml"), withDestinationPath: "real/host.yaml")
        #expect(try await fixture.runner.run(Self.mailer).code == 0)
        #expect(try scratch.read("real/host.yaml").contains("name: mailer"))
        let target = try FileManager.default.destinationOfSymbolicLink(atPath: scratch.file("workerhost.yaml"))
        #expect(target == "real/host.yaml")
        #expect(isMade("workers/mailer/worker.sh") && !isMade("real/workers"))
    }

    @Test(arguments: [
        (["--worker", "ok"], "A worker 'ok' exists already: it runs Text.Score in"),
        (["--worker", "other", "--type", "Text.Score"], "The worker 'ok' runs Text.Score already"),
        (["--worker", "taken"], "workers/taken' exists already"),
    ])
    func clashesAreRefused(_ arguments: [String], _ text: String) async throws {
        try fixture.scratch.write("workers/taken/notes.txt", "mine")
        let outcome = try await fixture.runner.run(["init", "--language", "bash"] + arguments)
        #expect(outcome.code == 2 && outcome.errorText.contains(text), "\(outcome)")
        #expect(try config() == Self.text)
        #expect(try FileManager.default.contentsOfDirectory(atPath: fixture.scratch.file("workers")) == ["taken"])
    }

    @Test(arguments: [
        (
            #"{"task_manager":{"type":"sqlite"},"workers":[{"name":"a","command":["x"],"task_types":["A"]}]}"#,
            "it is JSON"
        ),
        (
            "task_manager: {type: sqlite}\nworkers: [{name: a, command: [x], task_types: [A]}]\n",
            "'workers' is a list in brackets"
        ),
    ])
    func whatCannotBeEditedIsLeftAlone(_ text: String, _ reason: String) async throws {
        try fixture.scratch.write("workerhost.yaml", text)
        let refused = try await fixture.runner.run(Self.mailer)
        #expect(refused.code == 1)
        #expect(refused.errorText.contains(reason), "\(refused)")
        #expect(try config() == text)
        #expect(!isMade("workers"))
        // The entry is pasted, and the same command makes the files.
        let entry = refused.text.trimmingCharacters(in: .whitespacesAndNewlines)
        try fixture.scratch.write("workerhost.yaml", text.replacing("]}]", with: "]},\(entry)]"))
        let made = try await fixture.runner.run(Self.mailer)
        #expect(made.code == 0, "\(made)")
        #expect(isMade("workers/mailer/worker.sh"))
    }

    @Test func aBrokenConfigurationIsReportedAndLeftAlone() async throws {
        let text = Self.text.replacing("task_types", with: "task_type")
        try fixture.scratch.write("workerhost.yaml", text)
        let outcome = try await fixture.runner.run(Self.mailer)
        #expect(outcome.code == 2)
        #expect(outcome.errorText.contains("did you mean 'task_types'?"))
        #expect(try config() == text)
        #expect(!isMade("workers"))
    }

    @Test func aFailingVirtualenvLeavesTheProjectAsItWas() async throws {
        let script = "#!/bin/sh\nif [ \"$1\" = -c ]; then echo python 3.11.2; exit; fi\nmkdir -p \"$3\"; exit 1\n"
        let python = try fixture.scratch.write("python", script)
        try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: python)
        let outcome = try await fixture.run("init", "--worker", "mailer", "--python", python)
        #expect(outcome.code == 1 && outcome.errorText.contains("Nothing was changed."), "\(outcome)")
        #expect(try config() == Self.text)
        #expect(!isMade("workers"))
    }
}
