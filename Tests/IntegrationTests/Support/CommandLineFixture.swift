import Foundation

/// A directory with a configuration and two shell workers, and the built program started in it.
struct CommandLineFixture {
    let scratch: ScratchDirectory
    let runner: CommandRunner

    /// The types are `Text.Score` (succeeds with `{"n": 1.0}`) and `Bad.Thing` (fails for good).
    /// - Parameter extra: more sections of the configuration.
    init(extra: String = "") throws {
        scratch = try ScratchDirectory()
        runner = CommandRunner.workerhost.inside(scratch.path)
        try script("ok.sh", "cat >/dev/null; echo '{\"success\":true,\"result\":{\"n\": 1.0}}'")
        try script(
            "bad.sh",
            """
            cat >/dev/null; echo 'the reason' >&2
            echo '{"success":false,"error":{"type":"ValueError","message":"bad thing","retry_possible":false}}'
            exit 1
            """)
        try scratch.write(
            "workerhost.yaml",
            """
            version: "1.0"
            task_manager: {type: sqlite, path: state/queue.sqlite}
            workers:
              - {name: ok, project_path: ., command: [./ok.sh], task_types: [Text.Score]}
              - {name: bad, project_path: ., command: [./bad.sh], task_types: [Bad.Thing]}
            \(extra)
            """)
    }

    /// Writes a worker.
    func script(_ name: String, _ body: String) throws {
        let path = try scratch.write(name, "#!/bin/sh\n\(body)\n")
        try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: path)
    }

    /// Runs the program.
    func run(_ arguments: String..., input: CommandRunner.Input = .none) async throws -> CommandOutcome {
        try await runner.run(arguments, input: input)
    }
}
