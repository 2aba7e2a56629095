import ArgumentParser
import Foundation
import Logging
import WorkerHostCore

/// `workerhost run`
struct Run: HostCommand {
    static let configuration = CommandConfiguration(
        abstract: "Lease tasks and run them in their workers.",
        discussion: """
            SIGTERM or Ctrl-C: no more tasks are leased, running ones are finished for up to shutdown_timeout. A \
            second one ends the workers now and gives their tasks back.

            SIGHUP, or with --watch a changed file: the configuration is loaded again, and workers are added, exchanged \
            and removed without dropping a task. 'workerhost config diff' shows beforehand what would happen.

            With --until-idle the host ends when no task is left; exit code 1 if a task failed for good, or waits for \
            a worker that cannot be started.

              workerhost run --until-idle --config workerhost.yaml
            """)

    @OptionGroup var global: GlobalOptions

    @Flag(help: "End when the queue is empty and nothing runs.")
    var untilIdle = false

    @Flag(help: "Load the configuration again whenever its file changes.")
    var watch = false

    @MainActor
    func execute() async throws {
        let file = try global.file()
        let loaded = try global.load()
        let configuration = loaded.configuration
        let log = try HostLog(configuration.logging)
        let logger = log.logger("workerhost")
        for warning in loaded.warnings { logger.warning("\(warning.description)") }
        let adapter = try AdapterFactory.adapter(for: configuration, logger: log.logger("workerhost.queue"))
        let counter = ProgressCounter()
        var observers = ObserverFactory.observers(for: configuration, log: log)
        let showsProgress = untilIdle && Terminal.error.canRedraw
        if showsProgress { observers.append(counter) }
        let keeper = HostRecordKeeper(configuration: configuration, file: file, logger: logger)
        observers.append(keeper)
        let host = try makeHost(configuration, adapter, observers, logger)
        keeper.begin(host, text: loaded.text)
        let reloader = try makeReloader(host, file, log, keeper)
        let start = ContinuousClock.now
        let signals = await HostSignals.watch(host, reloader: reloader, logger: logger)
        StartUpMemory.giveBack()
        let summary: RunSummary
        do {
            if showsProgress {
                summary = try await ProgressDisplay.during({ await snapshot(counter, adapter) }) {
                    try await host.run(untilIdle: untilIdle)
                }
            } else {
                summary = try await host.run(untilIdle: untilIdle)
            }
        } catch let error as HostError {
            keeper.end()
            throw CommandFailure(error)
        }
        await reloader.stop()
        keeper.end()
        let report = RunReport(
            summary, elapsed: .now - start, stoppedBy: signals.received, losses: host.observerLosses)
        if untilIdle { report.lines.forEach { Talk.shared.line($0) } }
        if log.lostLines > 0 {
            Talk.shared.line("workerhost: \(HumanText.count(log.lostLines, "line")) of the log could not be written.")
        }
        if untilIdle, report.hasFailed { throw CommandFailure(.failed) }
    }

    /// Loads the configuration again when it is asked to; what the program itself takes from it is the log's level.
    private func makeReloader(
        _ host: WorkerHost, _ file: String, _ log: HostLog, _ keeper: HostRecordKeeper
    ) throws(CommandFailure) -> ConfigurationReloader {
        do throws(HostError) {
            let reloader = try ConfigurationReloader(
                host: host, loader: GlobalOptions.loader, file: file, watchesFile: watch
            ) { loaded, plan in
                for warning in loaded.warnings { log.logger("workerhost").warning("\(warning.description)") }
                keeper.reloaded(text: loaded.text, plan)
                log.setLevel(loaded.configuration.logging.level)
            }
            try reloader.start()
            return reloader
        } catch {
            throw CommandFailure(error)
        }
    }

    private func makeHost(
        _ configuration: HostConfiguration, _ adapter: any TaskManagerAdapter, _ observers: [any Observer],
        _ logger: Logger
    ) throws(CommandFailure) -> WorkerHost {
        do throws(RegistryError) {
            return try WorkerHost(
                configuration: configuration, taskManager: adapter, observers: observers,
                remoteWorkers: AdapterFactory.remoteWorkers(logger: logger),
                environment: ProcessInfo.processInfo.environment, logger: logger)
        } catch {
            throw CommandFailure(.usage, error.description)
        }
    }
}

/// What the progress line shows now. How many tasks wait is the TaskManager's to say; where it cannot, it is left out.
private func snapshot(_ counter: ProgressCounter, _ adapter: any TaskManagerAdapter) async -> ProgressDisplay.Snapshot {
    let counts = counter.current
    var waiting: Int?
    do { waiting = try await adapter.taskCounts()?.pending } catch { waiting = nil }
    return ProgressDisplay.Snapshot(
        done: counts.done, failed: counts.failed, running: counts.running.count, waiting: waiting)
}

extension CommandFailure {
    /// What it means for the command that a host could not run.
    init(_ error: HostError) {
        switch error.code {
        case .taskManager: self.init(.unreachable, error.description)
        case .stateDirectory: self.init(.usage, error.description)
        case .alreadyRun, .resources, .stopping: self.init(.failed, error.description)
        }
    }
}
