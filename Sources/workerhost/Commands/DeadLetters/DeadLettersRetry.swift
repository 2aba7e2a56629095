import ArgumentParser
import WorkerHostCore
import WorkerHostSQLite

/// `workerhost dead-letters retry`
struct DeadLettersRetry: HostCommand {
    static let configuration = CommandConfiguration(
        commandName: "retry",
        abstract: "Put dead letters back into the queue, with all their attempts before them.",
        discussion: """
            Hosts may work meanwhile and take them at once. Their history stays. Exit code 1 if one could not be put \
            back: it is no dead letter, its dedupe key is held by another task, or its deadline has passed.

              workerhost dead-letters retry 17 18
              workerhost dead-letters retry --type 'Feed.*' --newer-than 2h --dry-run
              workerhost dead-letters retry --all --delay 10m
            """)

    @OptionGroup var global: GlobalOptions
    @OptionGroup var targets: DeadLetterTargets

    @Option(help: ArgumentHelp("Wait so long before they may run: 30, 250ms, 30s, 5m, 2h, 1d.", valueName: "delay"))
    var delay: String?

    @MainActor
    func execute() async throws {
        var wait = Duration.zero
        if let delay {
            guard let duration = DelayText.parse(delay) else {
                throw CommandFailure(
                    .usage, "--delay '\(PlainText.singleLine(delay))' is not \(DelayText.expectation).")
            }
            wait = duration
        }
        let (after, isDryRun, limit) = (wait, targets.dryRun, targets.limit)
        let queue = try AdapterFactory.existingQueue(
            for: try global.load().configuration, access: isDryRun ? .readOnly : .readWrite,
            logger: QuietLogger.make("workerhost.sqlite"))
        try await DeadLetterRun(targets, queue: queue, wording: .retry)(
            .init(
                ids: { try await $0.retryDeadLetters($1, after: after, isDryRun: isDryRun) },
                filter: {
                    try await $0.retryDeadLetters(
                        matching: $1, limit: limit, after: after, isDryRun: isDryRun, onBatch: $2)
                }))
    }
}
