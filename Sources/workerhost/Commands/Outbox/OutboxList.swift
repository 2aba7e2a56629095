import ArgumentParser
import WorkerHostCore
import WorkerHostSQLite

/// `workerhost outbox list`
struct OutboxList: HostCommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "List the outcomes that wait, and those that the TaskManager refused.",
        discussion: """
            The oldest first. With --json one object with the counts and the entries.

              workerhost outbox list --rejected
              workerhost outbox list --json | jq '.entries[0]'
            """)

    private static let page = 500
    private static let tableLimit = 50

    @OptionGroup var global: GlobalOptions

    @Flag(help: "Only those that the TaskManager refused.")
    var rejected = false

    @Option(help: "Most entries that are listed (default: 50 in a table, all with --json).")
    var limit: Int?

    @Flag(help: "Print one JSON object.")
    var json = false

    func validate() throws {
        if let limit, limit < 1 { throw ValidationError("--limit must be at least 1.") }
    }

    @MainActor
    func execute() async throws {
        let configuration = try global.loadToLook()
        let (rejected, most) = (rejected, limit ?? (json ? .max : Self.tableLimit))
        let found = try await OutboxFactory.withExisting(configuration) {
            outbox throws(SQLiteQueueError) -> (OutboxOverview, [StoredOutcome]) in
            var entries: [StoredOutcome] = []
            while entries.count < most {
                let wanted = min(Self.page, most - entries.count)
                let page = try await outbox.entries(
                    limit: wanted, after: entries.last?.id ?? 0, onlyRejected: rejected)
                entries += page
                if page.count < wanted { break }
            }
            return (try await outbox.overview(), entries)
        }
        let (overview, entries) = found ?? (OutboxOverview(), [])
        let report = OutboxReport(overview: overview, path: OutboxFactory.path(of: configuration))
        if !json, entries.isEmpty {
            let words = report.lines(terminal: .error).joined(separator: "\n")
            Talk.shared.line(words.isEmpty ? "The outbox is empty: nothing waits, nothing was refused." : words)
            return
        }
        try StandardOutput().report(
            asJSON: json, json: { report.json(entries) },
            lines: { report.lines(terminal: $0) + [""] + report.table(entries, terminal: $0) })
        let all = rejected ? overview.rejected : overview.undelivered + overview.rejected
        if !json, all > entries.count { Talk.shared.line("There are more: --limit N shows more, --json all.") }
    }
}
