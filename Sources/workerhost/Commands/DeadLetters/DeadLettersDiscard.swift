import ArgumentParser
import WorkerHostCore
import WorkerHostSQLite

/// `workerhost dead-letters discard`
struct DeadLettersDiscard: HostCommand {
    static let configuration = CommandConfiguration(
        commandName: "discard",
        abstract: "Delete dead letters with their history.",
        discussion: """
            They are gone for good; hosts may work meanwhile. --all asks first, or needs --yes where nobody can be \
            asked. Exit code 1 if one could not be deleted.

              workerhost dead-letters discard 17
              workerhost dead-letters discard --kind no_worker --older-than 30d
              workerhost dead-letters discard --all --yes
            """)

    @OptionGroup var global: GlobalOptions
    @OptionGroup var targets: DeadLetterTargets

    @Flag(help: "Do not ask.")
    var yes = false

    @MainActor
    func execute() async throws {
        let (isDryRun, limit) = (targets.dryRun, targets.limit)
        let queue = try AdapterFactory.existingQueue(
            for: try global.load().configuration, access: isDryRun ? .readOnly : .readWrite,
            logger: QuietLogger.make("workerhost.sqlite"))
        if targets.all, !isDryRun, !yes, let queue { try await ask(queue) }
        try await DeadLetterRun(targets, queue: queue, wording: .discard)(
            .init(
                ids: { try await $0.discardDeadLetters($1, isDryRun: isDryRun) },
                filter: {
                    try await $0.discardDeadLetters(matching: $1, limit: limit, isDryRun: isDryRun, onBatch: $2)
                }))
    }

    @MainActor
    private func ask(_ queue: SQLiteTaskManager) async throws {
        guard Terminal.input.isTerminal else {
            throw CommandFailure(
                .usage, "discard --all deletes every dead letter: say --yes too, or --dry-run to see them.")
        }
        let count: Int
        do throws(SQLiteQueueError) {
            count = try await queue.taskCounts()?.failed ?? 0
        } catch {
            throw CommandFailure(error)
        }
        guard count > 0 else { return }
        let most = min(count, targets.limit ?? count)
        Talk.shared.line("Delete \(HumanText.count(most, "dead letter")) with their history, for good? [y/N]")
        // Blocks the main thread, which has nothing else to do.
        let answer = readLine()?.lowercased() ?? ""
        guard ["y", "yes"].contains(answer) else { throw CommandFailure(.failed, "Nothing was deleted.") }
    }
}
