/// Makes the worker that runs a configuration's tasks.
///
/// The bundled one starts processes. A service that runs some types in Swift gives its own workers by name, and whoever
/// knows how to call services makes the workers that are one.
public struct WorkerFactory: Sendable {
    /// Makes the worker of a configuration with ``WorkerConfiguration/remote``.
    public typealias RemoteMaker = @Sendable (WorkerConfiguration) -> any Worker

    private let inProcess: [String: any Worker]
    private let remote: RemoteMaker?

    /// A factory.
    /// - Parameters:
    ///   - workers: used in place of a process for the configuration of the same name.
    ///   - remote: makes workers that are services; without it their tasks fail to start.
    public init(workers: [any Worker] = [], remote: RemoteMaker? = nil) {
        self.remote = remote
        inProcess = workers.reduce(into: [:]) { $0[$1.name] = $1 }
    }

    func make(
        _ configuration: WorkerConfiguration, environment: [String: String], services: LaneServices
    ) -> any DispatchingWorker {
        switch inProcess[configuration.name] {
        case let worker as any DispatchingWorker: worker
        case let worker?: InProcessWorker(worker, configuration: configuration, emit: services.emit)
        case nil where configuration.remote != nil:
            InProcessWorker(
                remote?(configuration) ?? UncallableWorker(name: configuration.name), configuration: configuration,
                emit: services.emit)
        case nil where configuration.mode == .pool:
            PooledWorker(configuration, environment: environment, services: services)
        case nil where configuration.mode == .batch:
            BatchWorker(configuration, environment: environment, services: services)
        case nil where configuration.mode == .fork:
            ForkedWorker(configuration, environment: environment, services: services)
        case nil: SubprocessWorker(configuration, environment: environment, services: services)
        }
    }
}
