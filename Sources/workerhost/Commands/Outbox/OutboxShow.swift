import ArgumentParser
import WorkerHostCore
import WorkerHostSQLite

/// `workerhost outbox show`
struct OutboxShow: HostCommand {
    static let configuration = CommandConfiguration(
        commandName: "show",
        abstract: "Print everything about one entry, its result in full.",
        discussion: """
            So a result that is too large for the TaskManager can be fetched. --result prints nothing but the result, \
            byte for byte. Exit code 1 if there is no such entry.

              workerhost outbox show 17
              workerhost outbox show 17 --result > result.json
            """)

    @OptionGroup var global: GlobalOptions

    @Argument(help: "The entry's id, as 'outbox list' prints it.", completion: .outboxIDs)
    var id: Int64

    @Flag(help: "Print the result alone, as the worker wrote it.")
    var result = false

    @Flag(help: "Print one JSON object.")
    var json = false

    func validate() throws {
        if result, json { throw ValidationError("--result and --json exclude each other.") }
    }

    @MainActor
    func execute() async throws {
        let (configuration, id) = (try global.loadToLook(), id)
        let found = try await OutboxFactory.withExisting(configuration) { outbox throws(SQLiteQueueError) in
            try await outbox.entry(id)
        }
        guard let (entry, report) = found ?? nil else { throw OutboxReport.unknown([id]) }
        let text = OutboxEntryText(entry: entry, report: report)
        guard result else {
            return try StandardOutput().report(asJSON: json, json: text.json, lines: { text.lines(terminal: $0) })
        }
        guard let value = text.result else {
            throw CommandFailure(
                .failed,
                "Entry \(id) has no result: its task \(text.outcome). 'workerhost outbox show \(id)' says more.")
        }
        let output = StandardOutput()
        try output.write(value.bytes)
        try output.line("")
        try output.flush()
    }
}
