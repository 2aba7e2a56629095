import ArgumentParser
import WorkerHostCore
import WorkerHostSQLite

/// `workerhost purge`
struct Purge: HostCommand {
    static let configuration = CommandConfiguration(
        abstract: "Remove old finished tasks now and give their space back.",
        discussion: """
            Hosts do it by themselves as task_manager.keep says; this does it at once, while they work. Options stand \
            in place of the keys of the same name, for this time. What is not finished is never removed.

              workerhost purge --dry-run
              workerhost purge --completed 1d --failed 90d
              workerhost purge --compact    # once, for a file of an older version
            """)

    @OptionGroup var global: GlobalOptions

    @Option(help: ArgumentHelp("Remove tasks that completed so long ago: 0, 12h, 7d, or forever.", valueName: "age"))
    var completed: String?

    @Option(help: ArgumentHelp("Leave so many completed tasks, or unlimited.", valueName: "count"))
    var maxCompleted: String?

    @Option(help: ArgumentHelp("Remove dead letters that failed so long ago, or forever.", valueName: "age"))
    var failed: String?

    @Option(help: ArgumentHelp("Leave so many dead letters, or unlimited.", valueName: "count"))
    var maxFailed: String?

    @Flag(help: "Write the whole file anew; nobody else can write to it meanwhile.")
    var compact = false

    @Flag(help: "Print what would be removed, and change nothing.")
    var dryRun = false

    @Flag(help: "Print one JSON object.")
    var json = false

    func validate() throws {
        if compact, dryRun { throw ValidationError("--compact and --dry-run exclude each other.") }
        _ = try keep(TaskManagerConfiguration.Retention())
    }

    @MainActor
    func execute() async throws {
        let configuration = try global.load().configuration
        let keep = try keep(configuration.taskManager.keep)
        let queue = try AdapterFactory.existingQueue(
            for: configuration, access: dryRun ? .readOnly : .readWrite,
            logger: QuietLogger.make("workerhost.sqlite"))
        do {
            var report = PurgeText(keep: keep, isDryRun: dryRun)
            if let queue {
                report.result = try await queue.purge(keep, isDryRun: dryRun)
                if compact { report.compactedBytes = try await queue.compact() }
                report.storage = try await queue.overview().storage
                await queue.shutdown()
            }
            try StandardOutput().report(asJSON: json, json: report.json, lines: { _ in report.lines })
        } catch let error as SQLiteQueueError {
            throw CommandFailure(error)
        }
    }

    private func keep(
        _ configured: TaskManagerConfiguration.Retention
    ) throws -> TaskManagerConfiguration.Retention {
        var keep = configured
        if let completed { keep.completed = try Self.age(completed, "--completed") }
        if let failed { keep.failed = try Self.age(failed, "--failed") }
        if let maxCompleted { keep.maxCompleted = try Self.count(maxCompleted, "--max-completed") }
        if let maxFailed { keep.maxFailed = try Self.count(maxFailed, "--max-failed") }
        return keep
    }

    private static func age(_ text: String, _ option: String) throws -> Duration? {
        if text == "forever" { return nil }
        guard let age = DelayText.parse(text) else {
            throw ValidationError(
                "\(option) '\(PlainText.singleLine(text))' is not \(DelayText.expectation), or forever.")
        }
        return age
    }

    private static func count(_ text: String, _ option: String) throws -> Int? {
        if text == "unlimited" { return nil }
        guard let count = Int(text), count >= 0 else {
            throw ValidationError(
                "\(option) '\(PlainText.singleLine(text))' is not a number of at least 0, or unlimited.")
        }
        return count
    }
}
