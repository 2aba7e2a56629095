import ArgumentParser
import WorkerHostCore
import WorkerHostSQLite

/// `workerhost tasks`
struct Tasks: HostCommand {
    static let configuration = CommandConfiguration(
        abstract: "List tasks, the newest first.",
        discussion: """
            A table of the newest 50, or with --json an array of all of them, each with id, type, status, attempts, \
            params, result, error and its times.

              workerhost tasks --status failed
              workerhost tasks --type 'Text.*' --json | jq '.[].result'
            """)

    private static let page = 200
    private static let tableLimit = 50

    @OptionGroup var global: GlobalOptions

    @Option(help: "Only tasks in this state.")
    var status: StatusChoice?

    @Option(help: "Only tasks of this type; 'Prefix.*' for many.", completion: .taskTypeSelectors)
    var type: String?

    @Option(help: "Most tasks that are listed (default: 50 in a table, all with --json).")
    var limit: Int?

    @Flag(help: "Print a JSON array.")
    var json = false

    func validate() throws {
        if let limit, limit < 1 { throw ValidationError("--limit must be at least 1.") }
    }

    @MainActor
    func execute() async throws {
        let configuration = try global.loadToLook()
        let output = StandardOutput()
        let queue = try AdapterFactory.existingQueue(for: configuration, logger: QuietLogger.make("workerhost.sqlite"))
        do {
            if json { try await printArray(queue, output) } else { try await printTable(queue, output) }
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
        _ queue: SQLiteTaskManager?, limit: Int, _ output: StandardOutput,
        _ body: @MainActor ([StoredTask]) throws -> Void
    ) async throws {
        guard let queue else { return }
        var filter = TaskFilter(
            statuses: status.map { [$0.status] } ?? [], types: type.map { [$0] } ?? [], newestFirst: true)
        var left = limit
        while left > 0, !output.isClosed {
            filter.limit = min(Self.page, left)
            let tasks = try await queue.tasks(matching: filter)
            try body(tasks)
            guard let last = tasks.last, tasks.count == filter.limit else { return }
            left -= tasks.count
            filter.after = last.id
        }
    }

    @MainActor
    private func printArray(_ queue: SQLiteTaskManager?, _ output: StandardOutput) async throws {
        var isFirst = true
        try output.write("[")
        do {
            try await pages(queue, limit: limit ?? .max, output) { tasks in
                for task in tasks {
                    try output.write(isFirst ? "\n" : ",\n")
                    isFirst = false
                    try output.write(StoredTaskText.json(task).finished)
                }
            }
        } catch {
            // What was printed stays valid JSON; the error goes to standard error.
            try output.line("\n]")
            throw error
        }
        try output.line(isFirst ? "]" : "\n]")
    }

    @MainActor
    private func printTable(_ queue: SQLiteTaskManager?, _ output: StandardOutput) async throws {
        let limit = limit ?? Self.tableLimit
        let table = Table(columns: [
            .init("id", isNumeric: true), .init("type", isFlexible: true),
            .init("status", colour: { StoredTaskText.colour($0) }),
            .init("attempts", isNumeric: true, isOptional: true),
            .init("created (UTC)", isOptional: true), .init("took", isNumeric: true, isOptional: true),
            .init("result or error", isFlexible: true),
        ])
        var rows: [[String]] = []
        var hasFailed = false
        let wanted = limit == .max ? limit : limit + 1
        try await pages(queue, limit: wanted, output) { tasks in
            rows += tasks.map(Self.row)
            hasFailed = hasFailed || tasks.contains { $0.status == .failed }
        }
        let hasMore = rows.count > limit
        if hasMore { rows.removeLast(rows.count - limit) }
        if rows.isEmpty {
            Talk.shared.line("There is no such task.")
            return
        }
        // Cells are never printed in full, not even into a file: --json is for that.
        let width = Terminal.output.columns ?? 160
        for line in table.lines(rows, width: width, terminal: .output) { try output.line(line) }
        try output.flush()
        if hasFailed { Talk.shared.line("'workerhost explain ID' says what to do about a failed task.") }
        if hasMore { Talk.shared.line("More tasks match: --limit N shows more, --json all.") }
    }

    private static func row(_ task: StoredTask) -> [String] {
        var took = ""
        if let started = task.startedAt, let finished = task.finishedAt, finished >= started {
            took = HumanText.duration(started.duration(to: finished))
        }
        return [
            task.id, task.type, task.status.rawValue, String(task.attempts),
            String(HumanText.time(task.createdAt).dropLast(4)), took, StoredTaskText.outcome(task),
        ]
    }
}
