import ArgumentParser

/// `workerhost dead-letters`
struct DeadLetters: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "dead-letters",
        abstract: "Look at the tasks that failed for good, try them again, or discard them.",
        discussion: """
            What failed, and of what:

              workerhost dead-letters
              workerhost dead-letters show 17

            Once the cause is gone:

              workerhost dead-letters retry --error ConnectionError --dry-run
              workerhost dead-letters retry --error ConnectionError
            """,
        subcommands: [
            DeadLettersList.self, DeadLettersShow.self, DeadLettersRetry.self, DeadLettersDiscard.self,
        ],
        defaultSubcommand: DeadLettersList.self)
}
