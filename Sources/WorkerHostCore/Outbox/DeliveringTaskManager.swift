public import Logging

/// Puts an ``Outbox`` between the host and a remote TaskManager: an outcome is durable before it is reported, and is
/// reported until the TaskManager has taken it or the lease turns out to be lost, across restarts.
///
/// ```swift
/// let taskManager = DeliveringTaskManager(adapter, outbox: outbox, logger: logger)
/// let host = try WorkerHost(configuration: configuration, taskManager: taskManager, …)
/// ```
/// For adapters without ``TaskManagerAbilities/isLocal``. The host hears that a report is accepted as soon as it is
/// stored, so a TaskManager that is slow or away holds up no worker. What the TaskManager says then:
///
/// - A task that it hands out anew while its outcome waits here is not run again: the outcome is delivered under the new
///   lease. An outcome that asked for another run is dropped instead, for the new lease is that run.
/// - A task that failed for good and is handed out again, for the TaskManager cannot end it
///   (``TaskManagerAbilities/endsFailedTasks``), fails at once with the same failure and is not run. Only a task that no
///   worker is configured for is not remembered.
/// - An outcome that it will never take is kept and marked (`workerhost outbox list`), and its task fails at once if it
///   is handed out again.
///
/// With too many undelivered outcomes (``DeliveryOptions/mostUndelivered``) no more tasks are leased until there are
/// fewer.
public final class DeliveringTaskManager: TaskManagerAdapter {
    let base: any TaskManagerAdapter
    let outbox: any Outbox
    let options: DeliveryOptions
    let logger: Logger
    let machine: Guarded<DeliveryMachine>
    /// Fires when there may be something to deliver, or the delivery is to end.
    let changed = Signal()
    let state = Guarded(State())
    /// Whether failures are remembered, since the TaskManager hands out again what has failed.
    let remembers: Bool

    struct State: Sendable {
        /// The types of the tasks that are leased: reports do not say them.
        var types: [String: String] = [:]
        var delivery: Task<Void, Never>?
        /// From here on the delivery ends: when all is delivered, or at this moment.
        var flushUntil: MonotonicTime?
        /// What could not be written into the outbox yet.
        var unwritten: [OutboxSettlement] = []
        /// Taken by the TaskManager, and still in the outbox: not to be put under another lease.
        var settling: Set<Int64> = []
        var contact: TaskManagerContact?
        var hasToldOfTrouble = false
        var hasToldOfStorage = false
        var hasToldOfFullness = false
    }

    /// A TaskManager with an outbox.
    /// - Parameters:
    ///   - base: the way to the TaskManager.
    ///   - outbox: used by nothing else in this process.
    public init(
        _ base: any TaskManagerAdapter, outbox: any Outbox, options: DeliveryOptions = DeliveryOptions(),
        logger: Logger = Logger(label: "workerhost.outbox")
    ) {
        self.base = base
        self.outbox = outbox
        self.options = options
        self.logger = logger
        remembers = !base.abilities.contains(.endsFailedTasks)
        machine = Guarded(DeliveryMachine(options: options))
    }

    /// Those of the TaskManager; and to the host it is local, and ends failed tasks.
    public var abilities: TaskManagerAbilities { base.abilities.union([.isLocal, .endsFailedTasks]) }

    /// What was done so far, and what waits.
    public var counters: DeliveryCounters {
        machine.withLock { machine in
            var counters = machine.counters
            counters.oldestStoredAt = machine.oldest
            return counters
        }
    }

    /// Why outcomes are not delivered, or no tasks are leased for them; nil while all is well.
    public var concern: String? {
        let (trouble, counters) = machine.withLock { ($0.trouble, $0.counters) }
        if counters.isFull {
            return "\(counters.undelivered) outcomes wait in the outbox for the TaskManager: no tasks are leased until "
                + "there are fewer\(trouble.map { " (\($0))" } ?? "")"
        }
        if let trouble { return "\(counters.undelivered) outcomes wait in the outbox for the TaskManager: \(trouble)" }
        guard counters.rejected > 0 else { return nil }
        return "the TaskManager refused \(counters.rejected) outcomes, which are kept: see 'workerhost outbox list'"
    }

    /// Whether work can flow: through the TaskManager, and out of the outbox.
    public func healthCheck() async -> HealthStatus {
        let health = await base.healthCheck()
        guard health == .healthy, let concern else { return health }
        return .degraded(reason: concern)
    }

    /// Takes the outbox over, begins to deliver what earlier runs left, and starts the TaskManager's adapter.
    public func start(_ host: HostIdentity) async throws {
        try await outbox.open(owner: host.id)
        try await adopt()
        try await base.start(host)
        let delivery = Task { await self.deliver() }
        state.withLock { $0.delivery = delivery }
    }

    /// Delivers what is left, for ``DeliveryOptions/flush`` at most, and ends the adapter; the rest is delivered by the
    /// next host.
    public func shutdown() async {
        let delivery = state.withLock { state in
            state.flushUntil = .now.advanced(by: options.flush)
            return state.delivery.take()
        }
        machine.withLock { $0.hurry() }
        changed.fire()
        await withTaskCancellationHandler {
            await delivery?.value
        } onCancel: {
            delivery?.cancel()
        }
        let left = counters
        if left.undelivered > 0 {
            logger.warning(
                "outcomes could not be delivered; they are kept for the next start",
                metadata: ["count": "\(left.undelivered)", "error": "\(machine.withLock { $0.trouble } ?? "no time")"])
        }
        await base.shutdown()
        await outbox.close()
    }

    /// The engine wants to hear of deliveries that fail.
    func attach(_ contact: TaskManagerContact) { state.withLock { $0.contact = contact } }
}

// MARK: - What passes through

extension DeliveringTaskManager {
    /// That of the adapter.
    public var leaseDuration: Duration? { base.leaseDuration }

    /// Passes through.
    public func extendLeases(_ leases: [(taskID: String, lease: Lease)]) async throws -> [String] {
        try await base.extendLeases(leases)
    }

    /// Passes through.
    public func nextCancellations() async throws -> [CancelRequest]? { try await base.nextCancellations() }

    /// Passes through.
    public func release(_ tasks: [LeasedTask], reason: String) async throws {
        try await base.release(tasks, reason: reason)
    }

    /// Passes through.
    public func reportProgress(taskID: String, lease: Lease, percent: Int, message: String?) async throws {
        try await base.reportProgress(taskID: taskID, lease: lease, percent: percent, message: message)
    }

    /// Passes through.
    public func reportProgress(_ progress: [TaskProgress]) async throws { try await base.reportProgress(progress) }

    /// Passes through.
    public func taskCounts() async throws -> TaskCounts? { try await base.taskCounts() }

    /// Passes through.
    public func pendingCount(types: [String]) async throws -> Int? { try await base.pendingCount(types: types) }

    /// Passes through, without the attempts whose outcome had been stored: they are over.
    public func recover(_ host: DeadHost) async throws {
        let undelivered = try await outbox.findings(about: host.started.map(\.taskID)).undelivered
        let open = host.started.filter { undelivered[$0.taskID]?.lease.token != $0.leaseToken }
        try await base.recover(DeadHost(id: host.id, started: open))
    }

    /// Passes through.
    public func update(_ host: HostIdentity) async throws { try await base.update(host) }
}
