import ArgumentParser

/// `workerhost config`
struct ConfigCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "config",
        abstract: "Explain the configuration.",
        discussion: """
            'workerhost validate' checks it.

              workerhost config explain
              workerhost config diff
              workerhost config explain workers[0].timeout
            """,
        subcommands: [ConfigExplain.self, ConfigDiff.self, ConfigSchema.self])
}
