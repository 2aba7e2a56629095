import ArgumentParser
import WorkerHostCore
import WorkerHostSQLite

/// `workerhost outbox discard`
struct OutboxDiscard: HostCommand {
    static let configuration = CommandConfiguration(
        commandName: "discard",
        abstract: "Delete outcomes for good, and say what is lost by that.",
        discussion: """
            The TaskManager never hears of them; a task whose outcome had not been delivered is handed out again when \
            its claim ends. Exit code 1 if there is no such entry.

              workerhost outbox discard 17
              workerhost outbox discard 17 18 --dry-run
            """)

    @OptionGroup var global: GlobalOptions

    @Argument(help: ArgumentHelp("The entries' ids.", valueName: "id"), completion: .outboxIDs)
    var ids: [Int64]

    @Flag(help: "Print what would be lost, and change nothing.")
    var dryRun = false

    @Flag(help: "Print one JSON object.")
    var json = false

    @MainActor
    func execute() async throws {
        let configuration = try global.load().configuration
        let (ids, isDryRun) = (ids, dryRun)
        let lost =
            try await OutboxFactory.withExisting(configuration, access: isDryRun ? .readOnly : .readWrite) {
                outbox throws(SQLiteQueueError) -> [OutboxEntryText] in
                var entries: [OutboxEntryText] = []
                for id in ids {
                    guard let (entry, report) = try await outbox.entry(id) else { continue }
                    entries.append(OutboxEntryText(entry: entry, report: report))
                }
                if isDryRun { return entries }
                let done = try await outbox.discard(entries.map(\.entry.id))
                return entries.filter { done.contains($0.entry.id) }
            } ?? []
        try StandardOutput().report(
            asJSON: json, json: { OutboxReport.json(lost.map(\.entry.id), named: "discarded", of: ids, dryRun) },
            lines: { _ in lost.map { $0.loss(isDryRun: isDryRun) } })
        let missing = ids.filter { id in !lost.contains { $0.entry.id == id } }
        if !missing.isEmpty { throw OutboxReport.unknown(missing) }
    }
}
