import Logging

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// The loops of one host and what they share.
final class Engine: Sendable {
    /// As the host was made; what a reload changes is in ``inForce``.
    let configuration: HostConfiguration
    let inForce: Guarded<HostConfiguration>
    let bus: EventBus
    let holdings = Holdings()
    let taskManager: any TaskManagerAdapter
    /// The TaskManager, if it has an outbox before it.
    let delivery: DeliveringTaskManager?
    let contact: TaskManagerContact
    let progress: ProgressReporter
    let logger: Logger
    let outcomes = OutcomeMailbox()
    let roster = Roster()
    let crew: Guarded<Crew>
    /// Fires when another worker may have to ask for a type: a worker's health or the configuration has changed.
    let assignmentChanged = Signal()
    private let identityState: Guarded<HostIdentity>
    private let factory: WorkerFactory
    private let environment: [String: String]
    private let passesOutput: Bool
    private let reporter = Guarded<Reporter?>(nil)
    private let attemptEnded = Signal()
    /// Repeats failed tasks under their lease; nil if the TaskManager delays retries.
    let desk: RetryDesk?
    private let stopRequest = Guarded<String?>(nil)
    private let hurryCount = Guarded(0)
    /// The types that the TaskManager knows of.
    let announcedTypes = Guarded<[String]>([])
    let patience = Guarded(Patience())
    private let stopRequested = Signal()
    private let hurried = Signal()

    /// What workers are made from.
    struct Crew: Sendable {
        /// In the order of the configuration.
        var configurations: [WorkerConfiguration]
        var schemas: [String: ParameterSchema]
        /// nil until the host runs.
        var services: LaneServices?
    }

    init(
        configuration: HostConfiguration, registry: any Registry, taskManager: any TaskManagerAdapter,
        observers: [any Observer], factory: WorkerFactory, schemas: [String: ParameterSchema],
        environment: [String: String], logger: Logger
    ) {
        self.configuration = configuration
        inForce = Guarded(configuration)
        crew = Guarded(Crew(configurations: registry.configurations, schemas: schemas))
        self.taskManager = taskManager
        self.factory = factory
        self.environment = environment
        self.logger = logger
        passesOutput = configuration.logging.captureWorkerOutput && observers.contains { $0.scope.contains(.output) }
        let types = registry.configurations.flatMap(\.taskTypes)
        identityState = Guarded(HostIdentity(id: Self.newID(), pid: getpid(), types: types))
        bus = EventBus(observers: observers)
        contact = TaskManagerContact { [bus] in bus.emit($0) }
        progress = ProgressReporter(taskManager: taskManager, holdings: holdings, logger: logger)
        let delaysRetries = taskManager.abilities.contains(.delaysRetries)
        desk =
            delaysRetries
            ? nil
            : RetryDesk(
                holdings: holdings, outcomes: outcomes, bus: bus, attemptEnded: attemptEnded,
                repeats: configuration.taskManager.retries == .host)
        delivery = taskManager as? DeliveringTaskManager
        delivery?.attach(contact)
    }

    /// Those that lease tasks.
    var proxies: [WorkerProxy] { roster.active }

    var identity: HostIdentity { identityState.withLock { $0 } }

    /// Whether the host was told to end.
    var isStopping: Bool { stopRequest.withLock { $0 != nil } }

    func setTypes(_ types: [String]) {
        identityState.withLock { $0 = HostIdentity(id: $0.id, pid: $0.pid, types: types) }
    }

    var currentSummary: RunSummary {
        var summary = reporter.withLock { $0 }?.summary ?? RunSummary()
        summary.unavailableWorkers = proxies.reduce(into: [:]) { $0[$1.worker.name] = $1.trouble?.reason }
        return summary
    }

    var health: HealthStatus {
        if let trouble = contact.trouble { return .unhealthy(reason: "the TaskManager does not answer: \(trouble)") }
        let broken = proxies.filter { !$0.isHealthy }.map(\.worker.name)
        guard broken.isEmpty else { return .degraded(reason: "cannot start: \(broken.joined(separator: ", "))") }
        return delivery?.concern.map { .degraded(reason: $0) } ?? .healthy
    }

    func stop(reason: String) {
        stopRequest.withLock { $0 = $0 ?? reason }
        stopRequested.fire()
    }

    /// Ends a task that this host holds; false if it holds none of that id, or has its outcome already.
    func cancel(_ taskID: String, reason: String?) -> Bool {
        guard let entry = holdings.cancel(taskID, reason: reason) else { return false }
        CancelWatch.end(entry, roster, desk)
        return true
    }

    func hurry() {
        hurryCount.withLock { $0 += 1 }
        hurried.fire()
    }

    func run(untilIdle: Bool) async throws -> RunSummary {
        let recorder = try prepareStateDirectory()
        let housekeeper = try makeHousekeeper()
        do {
            // First, so that no worker of a host that died still works on a task that is handed out again below.
            await housekeeper.sweep()
            let identity = identity
            try await taskManager.start(identity)
            announcedTypes.withLock { $0 = identity.types }
            try await recoverDeadHosts()
            await sweepScratch(housekeeper)
        } catch {
            await housekeeper.close()
            recorder.remove()
            throw error
        }
        makeProxies(recorder)
        let reporter = makeReporter()
        let delivery = Task { await bus.run() }
        await work(reporter, housekeeper, untilIdle: untilIdle)
        bus.emit([.hostStateChanged(.stopped)])
        bus.finish()
        await waitForOthers("an observer") { await delivery.value }
        await housekeeper.perform { [scratch] in scratch.remove() }
        await housekeeper.close()
        let waiting = await waitingTasks()
        await waitForOthers("the TaskManager's shutdown") { [taskManager] in await taskManager.shutdown() }
        // Kept when something could not be settled: the next host does it.
        if holdings.count == 0, !reporter.hasUnreported { recorder.remove() }
        var summary = currentSummary
        summary.waiting = waiting
        return summary
    }

    /// Nobody else's code keeps a host from ending.
    private func waitForOthers(_ what: String, _ work: @escaping @Sendable () async -> Void) async {
        let limit = patience.withLock { $0.others }
        if await BoundedWait.run(atMost: limit, work) { return }
        logger.error("\(what) does not return; the host ends without it", metadata: ["seconds": "\(limit.inSeconds)"])
    }

    private func waitingTasks() async -> Int? {
        do {
            return try await taskManager.taskCounts()?.pending
        } catch {
            logger.warning("the TaskManager does not tell how many tasks wait", metadata: ["error": "\(error)"])
            return nil
        }
    }

    private func work(_ reporter: Reporter, _ housekeeper: Housekeeper, untilIdle: Bool) async {
        let reporting = Task(executorPreference: InlineExecutor.shared) { await reporter.run() }
        await withDiscardingTaskGroup { background in
            let keeper = LeaseKeeper(
                taskManager: taskManager, holdings: holdings, roster: roster, contact: contact,
                outcomes: outcomes, desk: desk)
            background.addTask { await keeper.run() }
            background.addTask { await housekeeper.run() }
            let watch = CancelWatch(
                taskManager: taskManager, holdings: holdings, roster: roster, logger: logger, desk: desk)
            background.addTask { await watch.run() }
            background.addTask { [progress] in await progress.run() }
            if let desk { background.addTask { await desk.run() } }
            background.addTask { await self.retireLeaving() }
            bus.emit([.hostStateChanged(.running)])
            await claim(untilIdle: untilIdle)
            await drain(reporter)
            await housekeeper.sweep()
            background.cancelAll()
        }
        outcomes.mailbox.finish()
        await reporter.waitUntilGivenUp()
        await waitForOthers("the TaskManager, asked to take the last outcomes,") { await reporting.value }
        for proxy in roster.all {
            await waitForOthers("worker '\(proxy.worker.name)'") { await proxy.worker.close() }
        }
    }

    /// Leases tasks until the host is told to stop.
    private func claim(untilIdle: Bool) async {
        await withDiscardingTaskGroup { group in
            group.addTask { await self.claimLoops() }
            if untilIdle {
                group.addTask { await IdleWatch(engine: self).run() }
            }
            while stopRequest.withLock({ $0 }) == nil { await stopRequested.wait() }
            group.cancelAll()
        }
    }

    /// One loop per worker; all begin anew when a worker's health or the configuration changes, since others take over
    /// its types then.
    private func claimLoops() async {
        while !Task.isCancelled {
            giveBackOfLeaving()
            await announceTypes()
            await withDiscardingTaskGroup { group in
                let proxies = self.proxies
                let candidates = proxies.map {
                    TypeAssignment.Candidate(selectors: $0.configuration.taskTypes, isHealthy: $0.isHealthy)
                }
                for (index, proxy) in proxies.enumerated() {
                    let intake = Intake(
                        proxy: proxy, taskManager: taskManager, holdings: holdings, outcomes: outcomes,
                        contact: contact, bus: bus, logger: logger)
                    group.addTask {
                        await intake.run(selectors: TypeAssignment.selectors(for: index, among: candidates))
                    }
                }
                await assignmentChanged.wait()
                group.cancelAll()
            }
        }
    }

    private func drain(_ reporter: Reporter) async {
        let reason = stopRequest.withLock { $0 } ?? ""
        bus.emit([.hostStateChanged(.draining(reason: reason))])
        let limit = MonotonicTime.now.advanced(by: inForce.withLock { $0.shutdownTimeout })
        reporter.giveUp(at: limit.advanced(by: patience.withLock { $0.reports }))
        giveBackUnstarted(reason)
        desk?.close()
        while holdings.count > 0, hurryCount.withLock({ $0 }) == 0, MonotonicTime.now < limit {
            await settledOrHurried(until: limit)
        }
        // Who is in a hurry does not wait for a TaskManager that does not answer either.
        if hurryCount.withLock({ $0 }) > 0 { reporter.giveUp(at: .now.advanced(by: .seconds(2))) }
        guard holdings.count > 0 else { return }
        await endRunning()
    }

    /// Ends the processes of what still runs, and waits for their outcomes.
    private func endRunning() async {
        let pressed = hurryCount.withLock { $0 }
        var isKilling = pressed >= 2
        for proxy in roster.all { proxy.worker.stopAll(reason: .shutdown, hurry: isKilling) }
        let grace = roster.all.map(\.configuration.stopGrace).max() ?? .zero
        let last = MonotonicTime.now.advanced(by: grace + patience.withLock { $0.forcedEnd })
        while holdings.count > 0, MonotonicTime.now < last {
            await settledOrHurried(until: last)
            guard !isKilling, hurryCount.withLock({ $0 }) > pressed else { continue }
            isKilling = true
            for proxy in roster.all { proxy.worker.stopAll(reason: .shutdown, hurry: true) }
        }
    }

    private func settledOrHurried(until limit: MonotonicTime) async {
        await withDiscardingTaskGroup { group in
            group.addTask {
                await self.hurried.wait()
                // Cancelled means that the other wait is over: a signal now would end the next one at once, again and
                // again, for as long as the host drains.
                if !Task.isCancelled { self.holdings.becameEmpty.fire() }
            }
            if holdings.count > 0 { await holdings.becameEmpty.wait(until: limit) }
            group.cancelAll()
        }
    }

    /// Tasks that no process was started for go back at once, their attempt unspent.
    private func giveBackUnstarted(_ reason: String) {
        for proxy in roster.all {
            for leased in proxy.worker.takeUnstarted(ifWaitingLongerThan: .zero) {
                outcomes.send(proxy.notStarted(leased, "the host stops (\(reason)); it was not started"), from: proxy)
            }
        }
    }

    private func makeReporter() -> Reporter {
        let reporter = Reporter(
            outcomes: outcomes, taskManager: taskManager, holdings: holdings,
            contact: contact, bus: bus, attemptEnded: attemptEnded, desk: desk, logger: logger)
        self.reporter.withLock { $0 = reporter }
        return reporter
    }

    private func makeProxies(_ recorder: FlightRecorder) {
        let services = LaneServices(
            emit: { [bus] in bus.emit($0) }, wants: { [bus] in bus.wants($0) }, flightRecorder: recorder,
            hostMark: HostMark.own(hostID: identity.id).text, passesOutput: passesOutput,
            mayStart: { [holdings] in holdings.mayStart($0) },
            progressed: { [progress] in progress.note($0, percent: $1, message: $2) },
            setMark: { [holdings] in holdings.setMark($0, isAlive: $1) },
            setFamily: { [holdings] in holdings.setFamily($0, $1) }, scratch: scratch)
        crew.withLock { crew in
            crew.services = services
            roster.replace(with: crew.configurations.map { makeProxy($0, crew.schemas[$0.name], services) })
        }
    }

    func makeProxy(
        _ configuration: WorkerConfiguration, _ schema: ParameterSchema?, _ services: LaneServices
    ) -> WorkerProxy {
        WorkerProxy(
            worker: factory.make(configuration, environment: environment, services: services),
            configuration: configuration, schema: schema, elders: roster.proxies(named: configuration.name),
            reportsEachFailure: desk != nil && self.configuration.taskManager.retries == .taskManager, logger: logger,
            emit: { [bus] in bus.emit($0) },
            healthChanged: { [assignmentChanged] in assignmentChanged.fire() })
    }

    private func makeHousekeeper() throws -> Housekeeper {
        do throws(SystemError) {
            return try Housekeeper(own: .own(hostID: identity.id), holdings: holdings, attemptEnded: attemptEnded) {
                [bus] in bus.emit($0)
            }
        } catch {
            throw HostError(.resources, "the host cannot start: \(error). \(StartError.scarcity(error.code))")
        }
    }
}
