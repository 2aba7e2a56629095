import Foundation
import Logging
import WorkerHostCore
import WorkerHostHTTP
import WorkerHostSQLite

/// Opens the TaskManager that a configuration names; the one place that knows all adapters.
enum AdapterFactory {
    /// The kinds that this program can open.
    static let available: [TaskManagerConfiguration.Kind] = [.sqlite, .http]

    /// The adapter of a host.
    /// - Throws: ``CommandFailure`` with exit code 3 if it cannot be opened, 2 if there is no such adapter.
    static func adapter(for configuration: HostConfiguration, logger: Logger) throws(CommandFailure)
        -> any TaskManagerAdapter
    {
        let adapter: any TaskManagerAdapter =
            configuration.taskManager.kind == .http
            ? try http(for: configuration, logger: logger)
            : try queue(for: configuration, access: .create, logger: logger)
        return try OutboxFactory.durable(adapter, configuration: configuration, logger: logger)
    }

    /// The queue, for the commands that look into it or add to it.
    /// - Throws: ``CommandFailure`` with exit code 3 if it cannot be opened, 2 if the TaskManager has none.
    static func queue(
        for configuration: HostConfiguration, access: SQLiteTaskManager.Options.Access, logger: Logger
    ) throws(CommandFailure) -> SQLiteTaskManager {
        let (path, options) = try settings(configuration, access)
        if access == .create { try makeStateDirectory(configuration, for: path) }
        do throws(SQLiteQueueError) {
            return try SQLiteTaskManager(path: path, options: options, logger: logger)
        } catch {
            throw CommandFailure(error)
        }
    }

    /// The queue to look into or to change; nil if there is none yet because nothing was ever added.
    /// - Throws: ``CommandFailure``.
    static func existingQueue(
        for configuration: HostConfiguration, access: SQLiteTaskManager.Options.Access = .readOnly, logger: Logger
    ) throws(CommandFailure) -> SQLiteTaskManager? {
        let (path, options) = try settings(configuration, access)
        do throws(SQLiteQueueError) {
            return try SQLiteTaskManager(path: path, options: options, logger: logger)
        } catch {
            if [.fileMissing, .directoryMissing].contains(error.code) { return nil }
            throw CommandFailure(error)
        }
    }

    /// Looks at the TaskManager for the doctor; nil if this version has no adapter for it.
    static func diagnostician(for configuration: HostConfiguration) -> (any TaskManagerDiagnostician)? {
        switch configuration.taskManager.kind {
        case .sqlite:
            SQLiteDiagnostician(
                path: path(of: configuration), options: SQLiteTaskManager.Options(configuration.taskManager))
        case .http: HTTPDiagnostician()
        case .amqp, .redis: nil
        }
    }

    /// Where the queue lies.
    static func path(of configuration: HostConfiguration) -> String {
        configuration.taskManager.path ?? configuration.stateDirectory + "/queue.sqlite"
    }

    private static func settings(
        _ configuration: HostConfiguration, _ access: SQLiteTaskManager.Options.Access
    ) throws(CommandFailure) -> (path: String, options: SQLiteTaskManager.Options) {
        let settings = configuration.taskManager
        if settings.kind == .http {
            throw CommandFailure(
                .usage,
                "This command looks into the embedded queue (task_manager.type: sqlite). A TaskManager of type http keeps "
                    + "its tasks itself and does not offer this: ask it there. 'workerhost status', 'submit' and 'doctor' "
                    + "work with it.")
        }
        guard settings.kind == .sqlite else {
            let names = available.map { "'\($0.rawValue)'" }.joined(separator: ", ")
            throw CommandFailure(
                .usage,
                "task_manager.type '\(settings.kind.rawValue)' is not available in this version; available: \(names).")
        }
        return (path(of: configuration), SQLiteTaskManager.Options(settings, access: access))
    }

    /// The host's own directory may be missing before the first task; any other directory is the operator's to make.
    static func makeStateDirectory(_ configuration: HostConfiguration, for path: String) throws(CommandFailure) {
        let state = configuration.stateDirectory
        guard path.hasPrefix(state + "/"), !FileManager.default.fileExists(atPath: state) else { return }
        if let reason = NewDirectory.make(state, mode: 0o750) {
            throw CommandFailure(
                .unreachable,
                "The directory state_dir '\(state)' cannot be made: \(reason). Make it, or correct state_dir.")
        }
    }
}

extension CommandFailure {
    /// What an error of the queue means for the command.
    init(_ error: SQLiteQueueError) {
        self.init(error.code == .invalidTask ? .usage : .unreachable, error.message)
    }
}
