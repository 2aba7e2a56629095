import Foundation
import Testing

/// A configuration with one worker for each way to end, and the program in its directory.
struct TrialFixture {
    let scratch: ScratchDirectory
    let runner: CommandRunner

    /// `keep` stores what it reads in `seen.N`, N growing, and does as `behaviour.sh` says; `fault BEHAVIOUR` is run
    /// for the type `Fault.BEHAVIOUR`.
    init(faults: [String] = []) throws {
        scratch = try ScratchDirectory()
        runner = CommandRunner.workerhost.inside(scratch.path)
        let path = try scratch.write(
            "keep.sh",
            "#!/bin/sh\nn=$(ls | grep -c '^seen')\ncat >seen.$n\nenv | sort >environment.$n\n. ./behaviour.sh\n")
        try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: path)
        try behaviour(#"echo '{"success":true,"result":{"n": 1.0}}'"#)
        let lines = faults.map { fault in
            let words = fault.split(separator: " ").map(String.init)
            return
                "  - {name: '\(words[0])', command: [\(([ProofFixture.faultChild] + words).joined(separator: ", "))], "
                + "task_types: ['Fault.\(words[0])'], stop_grace: 0.1}"
        }
        try scratch.write(
            "workerhost.yaml",
            """
            version: "1.0"
            task_manager: {type: sqlite, retry_backoff: 0.01}
            workers:
              - name: keep
                project_path: .
                command: [./keep.sh]
                task_types: [Keep.It]
                environment: {OWN: "1"}
                schema: {type: object, properties: {n: {type: integer}}}
            \(lines.joined(separator: "\n"))
            """)
    }

    /// What `keep` does after it has read its task.
    func behaviour(_ script: String) throws { try scratch.write("behaviour.sh", script + "\n") }

    func run(_ arguments: String..., input: CommandRunner.Input = .none) async throws -> CommandOutcome {
        try await runner.run(arguments, input: input)
    }

    /// One JSON object that a command printed.
    func json(_ arguments: String...) async throws -> [String: Any] {
        let outcome = try await runner.run(arguments)
        return try #require(try outcome.json() as? [String: Any], "\(outcome)")
    }

    /// All that the queue tells about its first task, with its history, and about how many there are.
    func queue() async throws -> [String] {
        let tasks = try await json("status", "--json")["tasks"] as? [String: Int] ?? [:]
        let counts = tasks.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }
        return [try await run("explain", "1", "--json").text] + counts
    }
}

extension [String: Any] {
    /// A member of a member.
    subscript(_ outer: String, _ inner: String) -> Any? { (self[outer] as? [String: Any])?[inner] }
}
