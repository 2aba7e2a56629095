import Foundation
import Testing

/// `Examples/python-sdk`: workers written with the package in `SDK/python`, run by the host.
struct PythonPackageTests {
    /// The example as it stands, in a scratch directory, with the package where the example looks for it.
    private struct Example {
        let scratch: ScratchDirectory

        /// - Parameter mode: lines that are added to the worker.
        init(_ mode: String = "") throws {
            let project = URL(filePath: #filePath).appending(path: "../../../..").standardizedFileURL.path
            scratch = try ScratchDirectory()
            let files = FileManager.default
            try files.createDirectory(
                atPath: scratch.file("Examples/python-sdk"), withIntermediateDirectories: true)
            for name in ["Examples/python-sdk/greeter.py", "Examples/python-sdk/workerhost.yaml"] {
                try files.copyItem(atPath: "\(project)/\(name)", toPath: scratch.file(name))
            }
            if !mode.isEmpty {
                let configuration = try scratch.read("Examples/python-sdk/workerhost.yaml")
                try scratch.write(
                    "Examples/python-sdk/workerhost.yaml",
                    configuration.replacingOccurrences(of: "    timeout: 30s\n", with: "    timeout: 30s\n\(mode)"))
            }
            try files.createSymbolicLink(atPath: scratch.file("SDK"), withDestinationPath: "\(project)/SDK")
        }

        func run(_ arguments: String..., input: CommandRunner.Input = .none) async throws -> CommandOutcome {
            try await CommandRunner.workerhost.inside(scratch.file("Examples/python-sdk")).run(arguments, input: input)
        }
    }

    @Test(arguments: ["", "    mode: pool\n", "    mode: pool\n    format: msgpack\n", "    mode: fork\n"])
    func tasksAreDone(_ mode: String) async throws {
        let example = try Example(mode)
        let tasks = """
            {"type":"Hello.Greet","params":{"name":"Ada"}}
            {"type":"Hello.Greet","params":{"name":" "}}
            {"type":"Hello.Wait","params":{"steps":3}}
            {"type":"Hello.Wait","params":{"steps":101}}

            """
        #expect(try await example.run("submit", "-", input: .text(tasks)).code == 0)
        let run = try await example.run("run", "--until-idle")
        #expect(run.code == 1, "one task fails: \(run)")
        let listed = try await example.run("tasks", "--json")
        let rows = try #require(try listed.json() as? [[String: Any]], "\(listed)")
        func row(_ id: String) -> [String: Any] { rows.first { "\($0["id"] ?? "")" == id } ?? [:] }
        #expect(row("1")["status"] as? String == "completed", "\(listed)")
        #expect((row("1")["result"] as? [String: String]) == ["greeting": "Hello, Ada!"])
        #expect(row("2")["status"] as? String == "failed" && row("2")["attempts"] as? Int == 1, "\(listed)")
        #expect("\(row("2")["error"] ?? "")".contains("params.name must be a text that is not empty"), "\(listed)")
        #expect((row("3")["result"] as? [String: Int]) == ["steps": 3, "attempt": 1])
        #expect((row("4")["result"] as? [String: Int]) == ["steps": 101, "attempt": 2], "it was put off once")
    }

    @Test func nothingIsPrintedBetweenHostAndWorker() async throws {
        let example = try Example()
        let outcome = try await example.run(
            "exec", "--type", "Hello.Greet", "--params", #"{"name":"Ada"}"#, "--json")
        let object = try #require(try outcome.json() as? [String: Any], "\(outcome)")
        #expect(object["outcome", "status"] as? String == "completed")
        #expect((object["stray_stdout"] as? [String] ?? []).isEmpty, "\(outcome)")
        #expect(object["stderr"] as? String == "greeting Ada\n")
        #expect(outcome.text.contains(#""logs":[{"level":"INFO","message":"greeting Ada"}]"#), "\(outcome)")
    }
}
