import ArgumentParser
import WorkerHostCore
import WorkerHostHTTP
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
        if configuration.taskManager.kind == .http { return try await remote(configuration, output) }
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

    /// What a TaskManager's API tells.
    @MainActor
    private func remote(_ configuration: HostConfiguration, _ output: StandardOutput) async throws {
        let api = try AdapterFactory.api(for: configuration)
        let overview: HTTPTaskManagerAPI.Overview
        do {
            overview = try await api.overview()
        } catch {
            throw CommandFailure(.unreachable, "\(error)")
        }
        await api.close()
        let report = RemoteStatusReport(
            overview: overview, url: configuration.taskManager.url ?? "",
            records: HostRecordDirectory(stateDirectory: configuration.stateDirectory).living())
        try output.report(asJSON: json, json: report.json, lines: { report.lines(terminal: $0) })
    }
}
