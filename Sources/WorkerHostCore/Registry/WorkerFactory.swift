/// Makes the worker that runs a configuration's tasks.
///
/// The bundled one starts processes. A service that runs some types in Swift gives its own workers by name.
public struct WorkerFactory: Sendable {
    private let inProcess: [String: any Worker]

    /// A factory.
    /// - Parameter workers: used in place of a process for the configuration of the same name.
    public init(workers: [any Worker] = []) {
        inProcess = workers.reduce(into: [:]) { $0[$1.name] = $1 }
    }

    func make(
        _ configuration: WorkerConfiguration, environment: [String: String], services: LaneServices
    ) -> any DispatchingWorker {
        switch inProcess[configuration.name] {
        case let worker as any DispatchingWorker: worker
        case let worker?: InProcessWorker(worker, configuration: configuration, emit: services.emit)
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
