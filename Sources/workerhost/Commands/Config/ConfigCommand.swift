import ArgumentParser

/// `workerhost config`
struct ConfigCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "config",
        abstract: "Explain the configuration.",
        discussion: """
            'workerhost validate' checks it.

              workerhost config explain
              workerhost config explain workers[0].timeout
            """,
        subcommands: [ConfigExplain.self, ConfigSchema.self])
}
