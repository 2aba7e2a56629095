import ArgumentParser

/// The program.
struct Root: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "workerhost",
        abstract: "Runs queued tasks in worker processes.",
        discussion: """
            The configuration is the file of --config, or of the variable WORKERHOST_CONFIG, or ./workerhost.yaml.

              workerhost init my-project
              workerhost submit --type Text.Score --params '{"text":"hello"}'
              workerhost run --until-idle
              workerhost status
              workerhost exec --type Text.Score --params '{"text":"hello"}'

            Exit codes: 0 done; 1 the work failed; 2 wrong usage or configuration; 3 the TaskManager cannot be reached.
            """,
        version: "workerhost \(version)",
        groupedSubcommands: [
            CommandGroup(
                name: "Setting up",
                subcommands: [Init.self, Examine.self, Validate.self, ConfigCommand.self, Completions.self]),
            CommandGroup(name: "Running tasks", subcommands: [Submit.self, Run.self, Cancel.self]),
            CommandGroup(name: "Looking", subcommands: [Status.self, Tasks.self, Explain.self]),
            CommandGroup(
                name: "Tasks that failed or are over", subcommands: [DeadLetters.self, OutboxCommand.self, Purge.self]),
            CommandGroup(name: "Trying a worker", subcommands: [Exec.self, Replay.self, CheckWorker.self]),
        ]
    )

    /// The program's version.
    static let version = "0.1.0"
}
