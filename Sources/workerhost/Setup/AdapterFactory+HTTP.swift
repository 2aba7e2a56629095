import Logging
import WorkerHostCore
import WorkerHostHTTP

extension AdapterFactory {
    /// The adapter of a TaskManager's REST API.
    /// - Throws: ``CommandFailure`` if the address or a file that it needs cannot be used.
    static func http(for configuration: HostConfiguration, logger: Logger) throws(CommandFailure) -> HTTPTaskManager {
        let settings = configuration.taskManager
        do {
            return try HTTPTaskManager(
                try ServerAddress(settings.url ?? ""), options: HTTPTaskManager.Options(configuration), logger: logger)
        } catch {
            throw CommandFailure(.usage, "task_manager: \(error)")
        }
    }

    /// The API itself, for commands that make a call or two.
    /// - Throws: ``CommandFailure``.
    static func api(for configuration: HostConfiguration) throws(CommandFailure) -> HTTPTaskManagerAPI {
        let settings = configuration.taskManager
        do {
            return try HTTPTaskManagerAPI(
                try ServerAddress(settings.url ?? ""), settings: HTTPClientSettings(settings))
        } catch {
            throw CommandFailure(.usage, "task_manager: \(error)")
        }
    }

    /// Makes workers that are services.
    static func remoteWorkers(logger: Logger) -> WorkerFactory.RemoteMaker {
        { configuration in HTTPWorker(configuration, logger: logger) }
    }
}
