import ArgumentParser
import WorkerHostCore
import WorkerHostSQLite

/// `workerhost dead-letters list`
struct DeadLettersList: HostCommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "Count the dead letters by cause, and list the newest.",
        discussion: """
            With --json one object with total, causes and tasks.

              workerhost dead-letters list --kind crashed
              workerhost dead-letters list --newer-than 1h --counts
              workerhost dead-letters list --json | jq '.causes[0]'
            """)

    private static let page = 200
    private static let tableLimit = 20

    @OptionGroup var global: GlobalOptions

    @OptionGroup(title: "Which dead letters")
    var which: DeadLetterFilterOptions

    @Option(help: "Most tasks that are listed (default: 20 in a table, all with --json).")
    var limit: Int?

    @Flag(help: "Only the counts by cause.")
    var counts = false

    @Flag(help: "Print one JSON object.")
    var json = false

    func validate() throws {
        if let limit, limit < 1 { throw ValidationError("--limit must be at least 1.") }
    }

    @MainActor
    func execute() async throws {
        let configuration = try global.loadToLook()
        let output = StandardOutput()
        let filter = try which.filter()
        let queue = try AdapterFactory.existingQueue(for: configuration, logger: QuietLogger.make("workerhost.sqlite"))
        do {
            let causes = try await queue?.deadLetterCauses(matching: filter) ?? []
            if json {
                try await printJSON(queue, filter, causes, output)
            } else {
                try await printTables(queue, filter, causes, output)
            }
            try output.flush()
            await queue?.shutdown()
        } catch let error as SQLiteQueueError {
            try output.flush()
            throw CommandFailure(error)
        }
    }

    /// Calls `body` with page after page, in memory for one page.
    @MainActor
    private func pages(
        _ queue: SQLiteTaskManager?, _ filter: DeadLetterFilter, limit: Int, _ output: StandardOutput,
        _ body: @MainActor ([StoredTask]) throws -> Void
    ) async throws {
        guard let queue else { return }
        var left = limit
        var last: String?
        while left > 0, !output.isClosed {
            let wanted = min(Self.page, left)
            let tasks = try await queue.deadLetters(matching: filter, limit: wanted, after: last)
            try body(tasks)
            guard let oldest = tasks.last, tasks.count == wanted else { return }
            left -= tasks.count
            last = oldest.id
        }
    }

    @MainActor
    private func printJSON(
        _ queue: SQLiteTaskManager?, _ filter: DeadLetterFilter, _ causes: [DeadLetterCause], _ output: StandardOutput
    ) async throws {
        let report = DeadLetterReport(causes)
        try output.write("{\"total\":\(report.total),\"poison\":\(report.poison),\"causes\":[")
        try output.write(report.json().joined(separator: [0x2C]))
        guard !counts else { return try output.line("]}") }
        try output.write("],\"tasks\":[")
        var isFirst = true
        do {
            try await pages(queue, filter, limit: limit ?? .max, output) { tasks in
                for task in tasks {
                    try output.write(isFirst ? "\n" : ",\n")
                    isFirst = false
                    var object = StoredTaskText.json(task)
                    object.flag("poison", task.isPoison)
                    try output.write(object.finished)
                }
            }
        } catch {
            // What was printed stays valid JSON; the error goes to standard error.
            try output.line("\n]}")
            throw error
        }
        try output.line(isFirst ? "]}" : "\n]}")
    }

    @MainActor
    private func printTables(
        _ queue: SQLiteTaskManager?, _ filter: DeadLetterFilter, _ causes: [DeadLetterCause], _ output: StandardOutput
    ) async throws {
        let report = DeadLetterReport(causes)
        guard report.total > 0 else {
            Talk.shared.line(which.isEmpty ? "There is no dead letter." : "There is no such dead letter.")
            return
        }
        // Cells are never printed in full, not even into a file: --json is for that.
        let width = Terminal.output.columns ?? 160
        for line in report.lines(width: width, terminal: .output) { try output.line(line) }
        guard !counts else { return }
        let limit = limit ?? Self.tableLimit
        var tasks: [StoredTask] = []
        try await pages(queue, filter, limit: limit, output) { tasks += $0 }
        try output.line("")
        for line in DeadLetterReport.table(tasks, width: width, terminal: .output) { try output.line(line) }
        if report.total > tasks.count {
            Talk.shared.line("More dead letters match: --limit N shows more, --json all.")
        }
    }
}
