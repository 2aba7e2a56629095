import Logging
import WorkerHostCore
import WorkerHostSQLite

/// Opens the outbox of a configuration's state directory.
enum OutboxFactory {
    /// Where the outbox lies.
    static func path(of configuration: HostConfiguration) -> String {
        "\(configuration.stateDirectory)/\(SQLiteOutbox.fileName)"
    }

    /// The adapter as a host uses it: a remote one with an outbox before it, so that no outcome is lost.
    /// - Throws: ``CommandFailure`` with exit code 3 if the outbox cannot be opened.
    static func durable(
        _ adapter: any TaskManagerAdapter, configuration: HostConfiguration, logger: Logger
    ) throws(CommandFailure) -> any TaskManagerAdapter {
        guard !adapter.abilities.contains(.isLocal) else { return adapter }
        let path = path(of: configuration)
        try AdapterFactory.makeStateDirectory(configuration, for: path)
        do throws(SQLiteQueueError) {
            let outbox = try SQLiteOutbox(
                path: path, options: .init(durability: configuration.taskManager.durability))
            return DeliveringTaskManager(adapter, outbox: outbox, logger: logger)
        } catch {
            throw CommandFailure(error)
        }
    }

    /// The outbox to look into or to change; nil if there is none, because no host with a remote TaskManager ever ran.
    /// - Throws: ``CommandFailure``.
    static func existing(
        for configuration: HostConfiguration, access: SQLiteTaskManager.Options.Access = .readOnly
    ) throws(CommandFailure) -> SQLiteOutbox? {
        do throws(SQLiteQueueError) {
            return try SQLiteOutbox(path: path(of: configuration), options: .init(access: access))
        } catch {
            if [.fileMissing, .directoryMissing].contains(error.code) { return nil }
            throw CommandFailure(error)
        }
    }

    /// Uses the outbox, if there is one, and closes it.
    /// - Throws: ``CommandFailure``.
    static func withExisting<Value: Sendable>(
        _ configuration: HostConfiguration, access: SQLiteTaskManager.Options.Access = .readOnly,
        _ body: @Sendable (SQLiteOutbox) async throws(SQLiteQueueError) -> Value
    ) async throws(CommandFailure) -> Value? {
        guard let outbox = try existing(for: configuration, access: access) else { return nil }
        do throws(SQLiteQueueError) {
            let value = try await body(outbox)
            await outbox.close()
            return value
        } catch {
            await outbox.close()
            throw CommandFailure(error)
        }
    }
}
