import Foundation
import Testing

/// "Your own worker in five minutes" of the README, followed to the letter.
struct ReadmeTests {
    private static let path = URL(filePath: #filePath).appending(path: "../../../../README.md").standardizedFileURL

    /// The text from a heading to the next one of the same rank.
    private static func section(_ heading: String) throws -> Substring {
        let text = try String(contentsOf: path, encoding: .utf8)
        let start = try #require(text.range(of: "\n## \(heading)\n"), "the README has the section '\(heading)'")
        let rest = text[start.upperBound...]
        return rest[..<(rest.range(of: "\n## ")?.lowerBound ?? rest.endIndex)]
    }

    /// The blocks of one language, in order.
    private static func blocks(_ language: String, in section: Substring) -> [String] {
        section.components(separatedBy: "\n```\(language)\n").dropFirst().map {
            $0.components(separatedBy: "\n```").first ?? ""
        }
    }

    /// PATH, with the python3 first that the project's scripts take: the first one may lack the venv module.
    private static func searchPath() async throws -> String {
        let usual = ProcessInfo.processInfo.environment["PATH"] ?? "/usr/local/bin:/usr/bin:/bin"
        let script = path.deletingLastPathComponent().appending(path: "scripts/find-python.sh").path
        let python = try await CommandRunner(executable: "/bin/bash").run([script]).lines.first
        return python.map { "\(URL(filePath: $0).deletingLastPathComponent().path):\(usual)" } ?? usual
    }

    @Test func yourOwnWorkerInFiveMinutes() async throws {
        let section = try Self.section("Your own worker in five minutes")
        let commands = Self.blocks("sh", in: section)
        try #require(commands.count == 3)
        let scratch = try ScratchDirectory()
        let home = try ScratchDirectory()
        var bash = CommandRunner(executable: "/bin/bash").inside(scratch.path)
        // A virtualenv with its pip costs seconds of processor time, which the other tests want too.
        bash.bound = .seconds(300)
        let path = try await "\(CommandRunner.buildDirectory):\(Self.searchPath())"
        bash.environment = ["HOME": home.path, "PATH": path, "LANG": "C.UTF-8"]
        let outcome = try await bash.run(["--norc", "-ec", commands.joined(separator: "\n")])
        #expect(outcome.code == 0, "\(outcome)")
        // What the README says that is printed.
        #expect(outcome.text.contains("\n1\n"), "the first task's id")
        let row = outcome.lines.first { $0.contains("completed") && $0.contains(#"{"greeting": "Hello, Ada!"}"#) }
        #expect(row != nil, "\(outcome)")
        #expect(outcome.text.contains("Task 2, type Hello.Greet: completed"))
        try await check(try #require(Self.blocks("yaml", in: section).first), in: scratch)
    }

    /// What is there in the end: both tasks with their results, and the configuration that the README shows.
    private func check(_ configuration: String, in scratch: ScratchDirectory) async throws {
        let project = CommandRunner.workerhost.inside(scratch.file("my-project"))
        let tasks = try #require(try await project.run(["tasks", "--json"]).json() as? [[String: Any]])
        #expect(tasks.map { $0["status"] as? String } == ["completed", "completed"])
        let greetings = tasks.map { ($0["result"] as? [String: String])?["greeting"] }
        #expect(greetings == ["Good morning, Grace!", "Hello, Ada!"])
        let written = try scratch.read("my-project/workerhost.yaml")
        #expect(written.contains(configuration), "the README shows what init writes")
        #expect(written.contains("  - name: shout\n"))
    }
}
