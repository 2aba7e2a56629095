import Foundation
import Testing

/// `workerhost init DIR`: what it makes works, and what it cannot make leaves nothing behind.
struct InitTests {
    private let scratch: ScratchDirectory
    private let runner: CommandRunner

    init() throws {
        scratch = try ScratchDirectory()
        runner = CommandRunner.workerhost.inside(scratch.path)
    }

    private static let hasNode = ["/usr/bin", "/usr/local/bin"]
        .contains { FileManager.default.isExecutableFile(atPath: "\($0)/node") }

    /// The names in a folder of the scratch directory.
    private func names(_ folder: String = "") throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: scratch.file(folder)).sorted()
    }

    private func shell(_ command: String, in folder: String) async throws -> CommandOutcome {
        try await CommandRunner(executable: "/bin/sh").inside(scratch.file(folder)).run(["-c", command])
    }

    /// The worker's own test passes, and the host runs a good task, a bad one and one with odd letters through it.
    private func workerIsGood(_ folder: String, test: String, type: String) async throws {
        let tested = try await shell(test, in: folder)
        #expect(tested.code == 0, "\(tested)")
        let host = runner.inside(scratch.file(folder))
        #expect(try await host.run(["validate"]).code == 0)
        for params in [#"{"name":"Ada"}"#, "{}", #"{"x":1, "name" : "Grâce"}"#] {
            _ = try await host.run(["submit", "--type", type, "--params", params])
        }
        let run = try await host.run(["run", "--until-idle"])
        #expect(run.code == 1 && run.errorText.contains("2 completed, 1 failed in"), "\(run)")
        #expect(run.errorText.contains("greeting Ada"), "the worker's log is in the host's")
        let tasks = try await host.run(["tasks", "--json"]).text
        #expect(tasks.contains(#"{"greeting":"Hello, Ada!"}"#) || tasks.contains(#"{"greeting": "Hello, Ada!"}"#))
        #expect(tasks.contains("Hello, Gr"))
        #expect(tasks.contains("BadParams") && tasks.contains("params.name must be a text that is not empty"))
        #expect(!tasks.contains(#""attempts":2"#), "what cannot succeed is not tried again")
    }

    @Test func aPythonWorkerWorks() async throws {
        let made = try await runner.run(["init", "p", "--no-venv"])
        #expect(made.code == 0, "\(made)")
        #expect(try names("p") == [".gitignore", ".workerhost", "README.md", "workerhost.yaml", "workers"])
        try await workerIsGood("p", test: "python3 workers/hello/test_worker.py", type: "Hello.Greet")
    }

    @Test(.enabled(if: hasNode, "there is no node here"))
    func aNodeWorkerWorks() async throws {
        _ = try await runner.run(["init", "p", "--language", "node", "--name", "resize-image"])
        try await workerIsGood("p", test: "node workers/resize-image/worker.test.mjs", type: "ResizeImage.Greet")
    }

    @Test func aBashWorkerWorks() async throws {
        _ = try await runner.run(["init", "a/b/p/", "--language", "bash", "--name", "on", "--type", "Mail.Send"])
        try await workerIsGood("a/b/p", test: "bash workers/on/test_worker.sh", type: "Mail.Send")
    }

    @Test func theEditorFindsTheSchema() async throws {
        _ = try await runner.run(["init", "p", "--language", "bash"])
        let first = try scratch.read("p/workerhost.yaml").split(separator: "\n").first
        #expect(first == "# yaml-language-server: $schema=.workerhost/workerhost.schema.json")
        let shipped = URL(filePath: #filePath).appending(path: "../../../../Docs/workerhost.schema.json")
        let schema = try scratch.read("p/.workerhost/workerhost.schema.json")
        #expect(try schema == String(contentsOf: shipped.standardizedFileURL, encoding: .utf8))
    }

    @Test func theNextCommandsAreTold() async throws {
        let made = try await runner.run(["init", "my project", "--language", "bash", "--json"])
        let report = try #require(try made.json() as? [String: Any])
        let next = try #require(report["next"] as? [String])
        #expect(next.first == "cd 'my project'")
        let followed = try await CommandRunner(executable: "/bin/sh").inside(scratch.path)
            .with(["PATH": CommandRunner.buildDirectory + ":/usr/local/bin:/usr/bin:/bin"])
            .run(["-ec", next.joined(separator: "\n")])
        #expect(followed.code == 0 && followed.text.contains("completed"), "\(followed)")
    }

    @Test func nothingIsOverwritten() async throws {
        try scratch.write("p/README.md", "mine")
        try scratch.write("p/notes/a.txt", "mine")
        try scratch.write("file", "mine")
        let full = try await runner.run(["init", "p", "--language", "bash"])
        #expect(full.code == 2)
        #expect(full.errorText.contains("'p' is not empty: it has 'README.md', 'notes'"))
        #expect(full.errorText.contains("would overwrite 'README.md'"))
        #expect(try names("p") == ["README.md", "notes"])
        let file = try await runner.run(["init", "file", "--language", "bash"])
        #expect(file.code == 2 && file.errorText.contains("'file' is a file"))
        _ = try await runner.run(["init", "q", "--language", "bash"])
        let again = try await runner.run(["init", "q", "--language", "bash"])
        #expect(again.code == 2)
        #expect(again.errorText.contains("workerhost init --worker NAME --config q/workerhost.yaml"))
    }

    @Test func anEmptyDirectoryAndAFreshRepositoryBecomeProjects() async throws {
        try scratch.write("p/.git/HEAD", "ref: refs/heads/main\n")
        let made = try await runner.inside(scratch.file("p")).run(["init", ".", "--language", "bash"])
        #expect(made.code == 0, "\(made)")
        #expect(try names("p") == [".git", ".gitignore", ".workerhost", "README.md", "workerhost.yaml", "workers"])
    }

    @Test func aDryRunMakesNothing() async throws {
        let outcome = try await runner.run(["init", "p", "--no-venv", "--dry-run"])
        #expect(outcome.code == 0)
        #expect(outcome.text.contains("Would make") && outcome.text.contains("workers/hello/worker.py"))
        #expect(try names() == [])
    }

    /// A Python of the test's own: `check` answers the question what it is, `venv` makes the virtualenv.
    private func python(_ check: String, _ venv: String = "exit 1") throws -> String {
        let path = try scratch.write("tools/python", "#!/bin/sh\nif [ \"$1\" = -c ]; then \(check); fi\n\(venv)\n")
        try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: path)
        return path
    }

    @Test func whatPythonLacksIsSaid() async throws {
        let none = try await runner.with(["PATH": scratch.path]).run(["init", "p"])
        #expect(none.code == 2 && none.errorText.contains("there is no 'python3' in PATH"), "\(none)")
        #expect(none.errorText.contains("apt-get install python3 python3-venv"))
        let bare = try python("echo python 3.11.2; echo No module named ensurepip; exit 1")
        let without = try await runner.run(["init", "p", "--python", bare])
        #expect(without.code == 2 && without.errorText.contains("(Python 3.11.2) has no working venv module"))
        #expect(without.errorText.contains("apt-get install python3-venv"))
        let other = try await runner.run(["init", "p", "--python", "/bin/echo"])
        #expect(other.code == 2 && other.errorText.contains("does not run Python 3"), "\(other)")
        #expect(try names() == ["tools"])
    }

    @Test func aFailureHalfWayLeavesNothingBehind() async throws {
        let broken = try python("echo python 3.11.2; exit", "mkdir -p \"$3/bin\"; echo 'No space left'; exit 1")
        let failed = try await runner.run(["init", "a/p", "--python", broken])
        #expect(failed.code == 1)
        #expect(failed.errorText.contains("No space left\nNothing was changed."), "\(failed)")
        #expect(try names() == ["tools"])
        try scratch.write("r/.git/HEAD", "")
        #expect(try await runner.run(["init", "r", "--python", broken]).code == 1)
        #expect(try names("r") == [".git"])
    }

    @Test(arguments: [SIGINT, SIGTERM])
    func anInterruptionLeavesNothingBehind(_ signal: Int32) async throws {
        let slow = try python("echo python 3.11.2; exit", "mkdir -p \"$3\"; : > \"$0.started\"; exec sleep 600")
        let running = try runner.start(["init", "p", "--python", slow], error: .terminal(columns: 80))
        #expect(await running.wait { $0.errorSoFar.contains("Making the virtualenv") })
        running.signal(signal)
        let outcome = await running.outcome()
        #expect(outcome.code == 1 && !outcome.overran, "\(outcome)")
        #expect(outcome.errorText.contains("Interrupted."))
        #expect(!FileManager.default.fileExists(atPath: scratch.file("p")))
    }

    @Test(arguments: [
        ["init"], ["init", "p", "--worker", "a"], ["init", "--worker", "a", "--name", "b"],
        ["init", "p", "--language", "bash", "--no-venv"], ["init", "p", "--config", "c.yaml"],
        ["init", "p", "--name", "a/b"], ["init", "p", "--name", ""], ["init", "p", "--type", "Mail.*"],
    ])
    func wrongUsageIsTwo(_ arguments: [String]) async throws {
        let outcome = try await runner.run(arguments)
        #expect(outcome.code == 2, "\(outcome)")
        #expect(try names() == [])
    }
}
