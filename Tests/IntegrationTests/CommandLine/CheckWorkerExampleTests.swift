import Foundation
import Testing

/// The workers that this project shows to people pass `check-worker`, in every language.
struct CheckWorkerExampleTests {
    private static let project = URL(filePath: #filePath).appending(path: "../../../..").standardizedFileURL.path

    /// The system's Python before others in PATH, which may be scripts that look for one.
    private static func workerhost(in directory: String) -> CommandRunner {
        let runner = CommandRunner.workerhost.inside(directory)
        return runner.with(["PATH": "/usr/bin:\(runner.environment["PATH"] ?? "/bin")"])
    }

    private static func has(_ program: String) -> Bool {
        (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":")
            .contains { FileManager.default.isExecutableFile(atPath: "\($0)/\(program)") }
    }

    private static func check(_ configuration: String, _ worker: String, _ more: String...) async throws {
        let outcome = try await workerhost(in: "\(project)/Examples").run(
            ["check-worker", worker, "--config", configuration, "--params", #"{"name":"Ada"}"#, "--strict"] + more)
        #expect(outcome.code == 0, "\(outcome)")
        #expect(outcome.text.contains("replied success after"), "\(outcome)")
        #expect(outcome.text.contains("texts beyond ASCII came back unharmed"), "\(outcome)")
    }

    @Test(.enabled(if: has("jq"), "jq is not installed"))
    func bash() async throws { try await Self.check("workers/workerhost.yaml", "bash") }

    @Test(.enabled(if: has("node"), "node is not installed"), arguments: ["node", "node-pool"])
    func node(_ worker: String) async throws { try await Self.check("workers/workerhost.yaml", worker) }

    @Test(arguments: ["python", "python-pool"])
    func python(_ worker: String) async throws { try await Self.check("workers/workerhost.yaml", worker) }

    /// The package is the reference of all modes; here it is imported from its source, as the example does.
    @Test(arguments: ["oneshot", "pool\n    format: msgpack", "batch"])
    func thePythonPackage(_ mode: String) async throws {
        let scratch = try ScratchDirectory()
        try scratch.write(
            "workerhost.yaml",
            """
            version: "1.0"
            task_manager: {type: sqlite}
            workers:
              - name: greeter
                project_path: \(Self.project)/Examples/python-sdk
                command: [python3, -m, greeter, greet]
                task_types: [Hello.Greet, Hello.Wait]
                environment: {PYTHONPATH: ../../SDK/python/src, PYTHONDONTWRITEBYTECODE: "1"}
                mode: \(mode)
            """)
        try await Self.check(scratch.file("workerhost.yaml"), "greeter")
    }

    @Test(arguments: ["bash", "python"])
    func whatInitMakes(_ language: String) async throws { try await Self.checkWhatInitMakes(language) }

    @Test(.enabled(if: has("node"), "node is not installed"))
    func whatInitMakesForNode() async throws { try await Self.checkWhatInitMakes("node") }

    private static func checkWhatInitMakes(_ language: String) async throws {
        let scratch = try ScratchDirectory()
        let runner = workerhost(in: scratch.path)
        let virtualenv = language == "python" ? ["--no-venv"] : []
        let made = try await runner.run(["init", "made", "--language", language] + virtualenv)
        #expect(made.code == 0, "\(made)")
        let outcome = try await runner.inside(scratch.file("made")).run(
            ["check-worker", "hello", "--params", #"{"name":"Ada"}"#, "--strict"])
        #expect(outcome.code == 0 && outcome.text.contains("all is well"), "\(outcome)")
    }
}
