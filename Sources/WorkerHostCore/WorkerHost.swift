public import Logging
public import ServiceLifecycle

/// The coordinator: leases tasks, has workers run them, reports the outcomes.
///
/// ```swift
/// let host = try WorkerHost(configuration: configuration, taskManager: queue, logger: logger)
/// try await host.run()
/// ```
/// A host is run once. It installs no signal handler and touches no state of the process: as a `Service` it stops when
/// its group shuts down, elsewhere when ``shutdown(reason:)`` is called. Cancelling the task that runs it is a hurried
/// stop.
public final class WorkerHost: Service {
    let engine: Engine
    private let phase = Guarded(HostState.idle)

    /// A host.
    /// - Parameters:
    ///   - configuration: workers, timeouts and the state directory.
    ///   - taskManager: where tasks come from.
    ///   - observers: told about everything that happens.
    ///   - workers: Swift workers, used in place of a process for the configured worker of the same name.
    ///   - remoteWorkers: makes the workers that are services (``WorkerConfiguration/remote``); `HTTPWorker` of
    ///     WorkerHostHTTP is one.
    ///   - environment: the variables from which workers get the fixed allow-list and what their configuration names.
    ///   - logger: for the host's own messages.
    /// - Throws: ``RegistryError`` for a worker that cannot be registered, or whose parameter schema is wrong.
    public init(
        configuration: HostConfiguration, taskManager: any TaskManagerAdapter, observers: [any Observer] = [],
        workers: [any Worker] = [], remoteWorkers: WorkerFactory.RemoteMaker? = nil, environment: [String: String],
        logger: Logger
    ) throws(RegistryError) {
        engine = Engine(
            configuration: configuration, registry: try WorkerRegistry(configuration.workers),
            taskManager: taskManager, observers: observers,
            factory: WorkerFactory(workers: workers, remote: remoteWorkers),
            schemas: try Self.schemas(of: configuration.workers), environment: environment, logger: logger)
    }

    private static func schemas(
        of workers: [WorkerConfiguration]
    ) throws(RegistryError) -> [String: ParameterSchema] {
        var schemas: [String: ParameterSchema] = [:]
        for worker in workers {
            guard let schema = worker.schema else { continue }
            do {
                schemas[worker.name] = try ParameterSchema(schema)
            } catch {
                throw RegistryError("The schema of worker '\(worker.name)' cannot be used: \(error)")
            }
        }
        return schemas
    }

    /// What the host is doing.
    public var state: HostState { phase.withLock { $0 } }

    /// This run's identity; leases are held under its id.
    public var identity: HostIdentity { engine.identity }

    /// How many tasks are leased by this host at this moment.
    public var tasksHeld: Int { engine.holdings.count }

    /// What was done so far.
    public var summary: RunSummary { engine.currentSummary }

    /// How many events each observer has lost because it was too slow.
    public var observerLosses: [String: Int] { engine.bus.losses }

    /// What waits in the outbox and what was delivered; nil with a TaskManager that needs none.
    public var delivery: DeliveryCounters? { engine.delivery?.counters }

    /// Whether work can flow: through the TaskManager, and for each worker.
    public var health: HealthStatus { engine.health }

    /// The workers in the order of the configuration, and behind them those that a reload took out of use and that still
    /// run something.
    public var workers: [WorkerStatus] { engine.roster.all.map(\.status) }

    /// Runs until ``shutdown(reason:)`` and returns when everything is settled.
    public func run() async throws {
        _ = try await run(untilIdle: false)
    }

    /// Runs until ``shutdown(reason:)``, or until no task is left.
    /// - Parameter untilIdle: end when the TaskManager holds no waiting and no running task, or only tasks of workers
    ///   that cannot be started.
    /// - Returns: what was done.
    /// - Throws: ``HostError`` when the host cannot start.
    public func run(untilIdle: Bool) async throws -> RunSummary {
        let isFirst = phase.withLock { phase in
            guard phase == .idle else { return false }
            phase = .running
            return true
        }
        guard isFirst else {
            throw HostError(.alreadyRun, "this host has been run already: make a new WorkerHost for another run")
        }
        defer { phase.withLock { $0 = .stopped } }
        // A task of its own, which is never cancelled: a cancelled host still waits for its processes and reports.
        let work = Task { try await engine.run(untilIdle: untilIdle) }
        return try await withTaskCancellationHandler {
            try await withGracefulShutdownHandler {
                try await work.value
            } onGracefulShutdown: {
                self.shutdown(reason: "the service group shuts down")
            }
        } onCancel: {
            shutdown(reason: "the host's task was cancelled")
            hurry()
        }
    }

    /// The configuration in force: what the host was made with, and what was reloaded since.
    public var configuration: HostConfiguration { engine.inForce.withLock { $0 } }

    /// Puts another configuration in force, without dropping a task.
    ///
    /// Workers that are the same go on untouched. One that is new leases tasks from now on. Of one that is gone, or whose
    /// settings differ, what runs is finished as it was begun; what was leased and not started goes back, no attempt
    /// spent. Both generations of a worker together never run more tasks at once than the new one's concurrency.
    /// Returns at once; observers are told by ``HostStateChange/configurationReloaded(_:)``.
    /// - Returns: what was changed, and what waits until the host is started again.
    /// - Throws: ``RegistryError`` for a worker that cannot be registered, ``HostError`` when the host is stopping; then
    ///   all stays as it was.
    @discardableResult
    public func reload(_ configuration: HostConfiguration) throws -> ReloadPlan {
        try engine.reload(
            configuration, registry: try WorkerRegistry(configuration.workers),
            schemas: try Self.schemas(of: configuration.workers))
    }

    /// Stops leasing, lets running tasks go on for up to the configuration's `shutdown_timeout`, then ends their
    /// processes and gives the tasks back. Returns at once; ``run(untilIdle:)`` returns when all is settled.
    public func shutdown(reason: String) {
        phase.withLock { if $0 == .running { $0 = .draining } }
        engine.stop(reason: reason)
    }

    /// Cancels a task that this host holds, leased ahead or running: its worker gets SIGTERM, and SIGKILL after its
    /// grace; a worker written in Swift has its task cancelled. Returns at once; works with every TaskManager.
    ///
    /// The task then fails for good, as `Cancelled`, and is not tried again; one that still succeeds has succeeded.
    /// Never hits another task or a later attempt. A task that waits in the TaskManager, or is with another host, is
    /// cancelled there (`SQLiteTaskManager.cancel`).
    /// - Parameter reason: why; stands in the failure's message.
    /// - Returns: false if this host does not hold the task, or is reporting its outcome already.
    @discardableResult
    public func cancel(taskID: String, reason: String? = nil) -> Bool {
        engine.cancel(taskID, reason: reason)
    }

    /// Does not wait for running tasks any longer: SIGTERM now, SIGKILL after each worker's grace; when called once
    /// more, SIGKILL now.
    public func hurry() {
        engine.hurry()
    }
}
