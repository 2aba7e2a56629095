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
        let outbox = try await outbox(of: configuration)
        let queue = try AdapterFactory.existingQueue(for: configuration, logger: QuietLogger.make("workerhost.sqlite"))
        do {
            let overview = try await queue?.overview()
            await queue?.shutdown()
            let report = StatusReport(
                overview: overview, path: path, keep: configuration.taskManager.keep,
                records: HostRecordDirectory(stateDirectory: configuration.stateDirectory).living(),
                silence: configuration.taskManager.claimTimeout * 12,
                outbox: outbox)
            try output.report(asJSON: json, json: report.json, lines: { report.lines(terminal: $0) })
        } catch let error as SQLiteQueueError {
            throw CommandFailure(error)
        }
    }

    private func outbox(of configuration: HostConfiguration) async throws(CommandFailure) -> OutboxReport? {
        let overview = try await OutboxFactory.withExisting(configuration) { outbox throws(SQLiteQueueError) in
            try await outbox.overview()
        }
        return overview.map { OutboxReport(overview: $0, path: OutboxFactory.path(of: configuration)) }
    }

    /// What a TaskManager's API tells; what waits for it is told also while it does not answer.
    @MainActor
    private func remote(_ configuration: HostConfiguration, _ output: StandardOutput) async throws {
        let api = try AdapterFactory.api(for: configuration)
        var overview: HTTPTaskManagerAPI.Overview?
        var trouble: String?
        do { overview = try await api.overview() } catch { trouble = "\(error)" }
        await api.close()
        let report = RemoteStatusReport(
            overview: overview, url: configuration.taskManager.url ?? "",
            records: HostRecordDirectory(stateDirectory: configuration.stateDirectory).living(),
            outbox: try await outbox(of: configuration))
        try output.report(asJSON: json, json: report.json, lines: { report.lines(terminal: $0) })
        if let trouble { throw CommandFailure(.unreachable, trouble) }
    }
}
