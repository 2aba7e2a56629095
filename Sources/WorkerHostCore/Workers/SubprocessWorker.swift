/// Runs each task in a fresh process of the worker's own interpreter.
public final class SubprocessWorker: DispatchingWorker {
    private struct State {
        var lanes: [(lane: Lane, thread: DedicatedThread)] = []
        var isClosed = false
    }

    /// How the processes are started and which tasks they run.
    public let configuration: WorkerConfiguration
    private let selection: TaskTypeSelection
    private let launcher: any ProcessStarter
    private let services: LaneServices
    let queue = BlockingQueue<Lane.Pending>()
    private let state = Guarded(State())

    /// A worker for use without a host: events go nowhere.
    /// - Parameter environment: the variables from which the fixed allow-list is taken.
    public convenience init(_ configuration: WorkerConfiguration, environment: [String: String]) {
        self.init(configuration, environment: environment, services: .none)
    }

    convenience init(_ configuration: WorkerConfiguration, environment: [String: String], services: LaneServices) {
        self.init(
            configuration, launcher: Launcher(configuration, hostEnvironment: environment, hostMark: services.hostMark),
            services: services)
    }

    /// - Parameter launcher: how an attempt gets its process.
    init(_ configuration: WorkerConfiguration, launcher: any ProcessStarter, services: LaneServices) {
        self.configuration = configuration
        self.services = services
        self.launcher = launcher
        selection = TaskTypeSelection(configuration.taskTypes)
    }

    /// The worker's name.
    public var name: String { configuration.name }

    /// Most processes at once.
    public var concurrency: Int { configuration.concurrency }

    /// Whether the configuration's `task_types` select the type.
    public func canHandle(_ taskType: String) -> Bool { selection.matches(taskType) }

    /// Runs one task in a process and waits for its end.
    public func process(_ task: WorkerTask) async throws(TaskFailure) -> TaskResult {
        let leased = LeasedTask(task: task, lease: Lease(token: task.id))
        let outcome = await withCheckedContinuation { continuation in
            dispatch([leased], to: ContinuationSink(continuation))
        }
        return try outcome.result.get()
    }

    /// Queues attempts for the lanes and starts lanes as far as they are needed.
    public func dispatch(_ attempts: [LeasedTask], to sink: any AttemptSink) {
        let now = MonotonicTime.now
        guard let spare = queue.push(attempts.map { Lane.Pending(leased: $0, sink: sink, queuedAt: now) }) else {
            for leased in attempts { sink.attemptEnded(.closedUnstarted(leased, worker: name)) }
            return
        }
        guard spare < 0 else { return }
        do throws(SystemError) {
            try addLanes(upTo: -spare)
        } catch {
            failUnlessServed(error)
        }
    }

    /// Takes back all attempts that have not been started, if the first of them waits for so long.
    public func takeUnstarted(ifWaitingLongerThan wait: Duration) -> [LeasedTask] {
        let now = MonotonicTime.now
        return queue.drain { $0.queuedAt.duration(to: now) >= wait }.map(\.leased)
    }

    /// Ends the attempt that runs this task under this lease; one that was cancelled also while it waits for a lane.
    public func stop(taskID: String, leaseToken: String, reason: StopReason) {
        // Somebody else may run the task by now: the two must not work side by side, so there is no grace.
        let request = StopRequest(reason: reason, hurry: reason == .leaseLost)
        for (lane, _) in state.withLock({ $0.lanes })
        where lane.stop(taskID: taskID, leaseToken: leaseToken, request: request) { return }
        // A lane that has just taken it and not noted it yet asks whether it may start it.
        guard reason == .cancelled,
            let pending = queue.remove(where: {
                $0.leased.task.id == taskID && $0.leased.lease.token == leaseToken
            })
        else { return }
        pending.sink.attemptEnded(.cancelledUnstarted(pending.leased, worker: name))
    }

    /// Ends all attempts that run.
    public func stopAll(reason: StopReason, hurry: Bool) {
        for (lane, _) in state.withLock({ $0.lanes }) { lane.stop(StopRequest(reason: reason, hurry: hurry)) }
    }

    /// Ends the threads, once each is done with the attempt it runs.
    public func close() async {
        let lanes = state.withLock { state in
            state.isClosed = true
            return state.lanes
        }
        for pending in queue.close() { pending.sink.attemptEnded(.closedUnstarted(pending.leased, worker: name)) }
        for (_, thread) in lanes { await thread.join() }
    }

    private func addLanes(upTo count: Int) throws(SystemError) {
        let error = state.withLock { state -> SystemError? in
            guard !state.isClosed else { return nil }
            do throws(SystemError) {
                for _ in 0..<min(count, concurrency - state.lanes.count) {
                    let slot = state.lanes.count
                    let lane = try Lane(
                        slot: slot, configuration: configuration, launcher: launcher, services: services)
                    let queue = self.queue
                    let thread = try DedicatedThread(name: "lane \(slot) \(name)") { lane.run(queue) }
                    state.lanes.append((lane, thread))
                }
                return nil
            } catch {
                return error
            }
        }
        if let error { throw error }
    }

    /// Without a single lane nothing would ever answer the queued attempts.
    private func failUnlessServed(_ error: SystemError) {
        guard state.withLock({ $0.lanes.isEmpty }) else { return }
        for pending in queue.drain() {
            let failure = TaskFailure(
                kind: .startFailed, type: "StartFailed",
                message: "cannot start worker '\(name)': \(error.description). \(StartError.scarcity(error.code))")
            let record = AttemptRecord(worker: name, number: pending.leased.task.metadata.attempt)
            pending.sink.attemptEnded(
                AttemptOutcome(leased: pending.leased, result: .failure(failure), record: record))
        }
    }
}
