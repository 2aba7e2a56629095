import ArgumentParser
import WorkerHostCore
import WorkerHostSQLite

/// `workerhost outbox retry`
struct OutboxRetry: HostCommand {
    static let configuration = CommandConfiguration(
        commandName: "retry",
        abstract: "Make outcomes due now, also those that the TaskManager refused.",
        discussion: """
            A host that runs delivers them within some seconds, otherwise the next one does. Exit code 1 if there is no \
            such entry.

              workerhost outbox retry 17 18
              workerhost outbox retry --all
            """)

    @OptionGroup var global: GlobalOptions

    @Argument(help: ArgumentHelp("The entries' ids.", valueName: "id"), completion: .outboxIDs)
    var ids: [Int64] = []

    @Flag(help: "All entries.")
    var all = false

    @Flag(help: "Print one JSON object.")
    var json = false

    func validate() throws {
        if ids.isEmpty != all { throw ValidationError("Name ids, or --all for all entries.") }
    }

    @MainActor
    func execute() async throws {
        let configuration = try global.load().configuration
        let wanted = all ? nil : ids
        let done =
            try await OutboxFactory.withExisting(configuration, access: .readWrite) {
                outbox throws(SQLiteQueueError) in try await outbox.retry(wanted)
            } ?? []
        let hasHost = !HostRecordDirectory(stateDirectory: configuration.stateDirectory).living().isEmpty
        let next = hasHost ? "a host runs and delivers them now" : "the next 'workerhost run' delivers them"
        try StandardOutput().report(
            asJSON: json, json: { OutboxReport.json(done, named: "due", of: wanted ?? done) },
            lines: { _ in ["\(HumanText.count(done.count, "outcome")) due: \(next)."] })
        let missing = ids.filter { !done.contains($0) }
        if !missing.isEmpty { throw OutboxReport.unknown(missing) }
    }
}
