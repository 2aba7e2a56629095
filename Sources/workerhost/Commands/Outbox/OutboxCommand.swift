import ArgumentParser

/// `workerhost outbox`
struct OutboxCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "outbox",
        abstract: "Look at outcomes that a remote TaskManager has not taken, deliver them again, or discard them.",
        discussion: """
            An outcome is kept in state_dir/outbox.sqlite until the TaskManager has taken it; one that it refuses is \
            kept and marked. A TaskManager of type sqlite needs no outbox.

              workerhost outbox
              workerhost outbox show 17
              workerhost outbox retry --all
            """,
        subcommands: [
            OutboxList.self, OutboxShow.self, OutboxRetry.self, OutboxDiscard.self, OutboxForget.self,
        ],
        defaultSubcommand: OutboxList.self)
}
