import ArgumentParser

/// The program.
struct Root: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "workerhost",
        abstract: "Runs queued tasks in worker processes.",
        discussion: """
            The configuration is the file of --config, or of the variable WORKERHOST_CONFIG, or ./workerhost.yaml.

              workerhost submit --type Text.Score --params '{"text":"hello"}'
              workerhost run --until-idle
              workerhost status

            Exit codes: 0 done; 1 the work failed; 2 wrong usage or configuration; 3 the TaskManager cannot be reached.
            """,
        version: "workerhost \(version)",
        subcommands: [
            Run.self, Submit.self, Status.self, Tasks.self, Explain.self, DeadLetters.self, Purge.self, Validate.self,
        ]
    )

    /// The program's version.
    static let version = "0.1.0"
}
