import ArgumentParser
import Foundation
import WorkerHostCore
import WorkerHostSQLite

/// `workerhost config diff`
struct ConfigDiff: HostCommand {
    static let configuration = CommandConfiguration(
        commandName: "diff",
        abstract: "Show what a reload would change in the hosts that run.",
        discussion: """
            Compares the file with the configuration that each running host of its state directory has in force, or \
            with another file. Nothing is changed. Values from the environment are those of this command.

            Exit code 0 if the file could be loaded, whether something would change or not; 2 if a host would refuse it.

              workerhost config diff
              workerhost config diff --from workerhost.yaml.orig
            """)

    @OptionGroup var global: GlobalOptions

    @Option(help: ArgumentHelp("Compare with this file, not with the hosts that run.", valueName: "file"))
    var from: String?

    @Flag(help: "Print one JSON object.")
    var json = false

    @MainActor
    func execute() async throws {
        let file = try global.file()
        let new = try global.load().configuration
        let waiting = try await waiting(new)
        let comparisons = try from.map { [try other($0, new, waiting)] } ?? hosts(new, waiting)
        let report = ReloadReport(file: file, comparisons: comparisons)
        try StandardOutput().report(asJSON: json, json: { report.json }, lines: { report.lines(terminal: $0) })
        if report.isRefused { throw CommandFailure(.usage) }
    }

    /// How many tasks of each type wait in the queue.
    private func waiting(_ configuration: HostConfiguration) async throws -> [(type: String, count: Int)] {
        // A remote TaskManager does not tell.
        guard configuration.taskManager.kind == .sqlite else { return [] }
        let queue = try AdapterFactory.existingQueue(for: configuration, logger: QuietLogger.make("workerhost.sqlite"))
        do throws(SQLiteQueueError) {
            let types = try await queue?.overview().types ?? []
            await queue?.shutdown()
            return types.map { ($0.type, $0.waiting + $0.delayed) }
        } catch {
            throw CommandFailure(error)
        }
    }

    private func other(
        _ file: String, _ new: HostConfiguration, _ waiting: [(type: String, count: Int)]
    ) throws(CommandFailure) -> ReloadReport.Comparison {
        do throws(ConfigurationError) {
            let old = try GlobalOptions.loader.load(file: file).configuration
            return ReloadReport.Comparison(with: .file(file), from: old, to: new, waiting: waiting)
        } catch {
            throw CommandFailure(
                .usage, "The configuration '\(file)' to compare with cannot be used:\n\(error.description)")
        }
    }

    private func hosts(
        _ new: HostConfiguration, _ waiting: [(type: String, count: Int)]
    ) throws(CommandFailure) -> [ReloadReport.Comparison] {
        let directory = HostRecordDirectory(stateDirectory: new.stateDirectory)
        var comparisons: [ReloadReport.Comparison] = []
        for record in directory.living() {
            guard let text = directory.text(of: record.id) else {
                throw CommandFailure(
                    .failed,
                    "What the host with process \(record.process.pid) has in force cannot be read below "
                        + "'\(new.stateDirectory)/hosts': run this as the host's user, or compare with a file (--from)."
                )
            }
            let base = URL(fileURLWithPath: record.file).deletingLastPathComponent().path
            do throws(ConfigurationError) {
                let old = try GlobalOptions.loader.load(text: text, name: record.file, baseDirectory: base)
                comparisons.append(
                    ReloadReport.Comparison(
                        with: .host(record), from: old.configuration, to: new, waiting: waiting))
            } catch {
                throw CommandFailure(
                    .usage,
                    "What the host with process \(record.process.pid) has in force cannot be read with the environment of "
                        + "this command:\n\(error.description)")
            }
        }
        return comparisons
    }
}
