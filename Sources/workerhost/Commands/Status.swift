import ArgumentParser
import WorkerHostCore
import WorkerHostSQLite

/// `workerhost status`
struct Status: HostCommand {
    static let configuration = CommandConfiguration(
        abstract: "Show how many tasks wait, run, are done and have failed.",
        discussion: """
            With --json one object that has at least
            {"tasks":{"pending":n,"running":n,"completed":n,"failed":n}}.

              workerhost status --json | jq .tasks.failed
            """)

    @OptionGroup var global: GlobalOptions

    @Flag(help: "Print one JSON object.")
    var json = false

    @MainActor
    func execute() async throws {
        let configuration = try global.loadToLook()
        let output = StandardOutput()
        let path = AdapterFactory.path(of: configuration)
        let queue = try AdapterFactory.existingQueue(for: configuration, logger: QuietLogger.make("workerhost.sqlite"))
        do {
            let overview = try await queue?.overview()
            await queue?.shutdown()
            let outbox = try await OutboxFactory.withExisting(configuration) { outbox throws(SQLiteQueueError) in
                try await outbox.overview()
            }
            let report = StatusReport(
                overview: overview, path: path, keep: configuration.taskManager.keep,
                records: HostRecordDirectory(stateDirectory: configuration.stateDirectory).living(),
                silence: configuration.taskManager.claimTimeout * 12,
                outbox: outbox.map { OutboxReport(overview: $0, path: OutboxFactory.path(of: configuration)) })
            try output.report(asJSON: json, json: report.json, lines: { report.lines(terminal: $0) })
        } catch let error as SQLiteQueueError {
            throw CommandFailure(error)
        }
    }
}
