/// Runs tasks several to a process: each process is given a batch, answers it and ends.
public final class BatchWorker: DispatchingWorker {
    private struct State {
        var lanes: [(lane: BatchLane, thread: DedicatedThread)] = []
        var isClosed = false
    }

    /// How the processes are started and which tasks they run.
    public let configuration: WorkerConfiguration
    private let selection: TaskTypeSelection
    private let services: LaneServices
    private let environment: [String: String]
    private let queue: BatchQueue
    private let state = Guarded(State())
    private let shared = Guarded<BatchContext?>(nil)

    /// A worker for use without a host: events go nowhere.
    /// - Parameter environment: the variables from which the fixed allow-list is taken.
    public convenience init(_ configuration: WorkerConfiguration, environment: [String: String]) {
        self.init(configuration, environment: environment, services: .none)
    }

    init(_ configuration: WorkerConfiguration, environment: [String: String], services: LaneServices) {
        self.configuration = configuration
        self.environment = environment
        self.services = services
        selection = TaskTypeSelection(configuration.taskTypes)
        queue = BatchQueue(configuration.batch, most: configuration.concurrency)
        let launcher = Launcher(
            configuration, mode: .batch, hostEnvironment: environment, hostMark: services.hostMark)
        let context = BatchContext(
            configuration, launcher: launcher, services: services, queue: queue,
            follow: { [weak self] in self?.follow($0) }, fallBack: { [weak self] in self?.fallBack() })
        shared.withLock { $0 = context }
    }

    private var context: BatchContext? { shared.withLock { $0 } }

    /// The worker's name.
    public var name: String { configuration.name }

    /// Most tasks at once: what the processes have, and a full batch for each that may be started.
    public var concurrency: Int { context?.oneshot?.concurrency ?? queue.capacity }

    /// Most tasks of a process.
    public var tasksPerSlot: Int { context?.oneshot == nil ? configuration.batch.size : 1 }

    /// Whether the configuration's `task_types` select the type.
    public func canHandle(_ taskType: String) -> Bool { selection.matches(taskType) }

    /// Runs one task and waits for its end.
    public func process(_ task: WorkerTask) async throws(TaskFailure) -> TaskResult {
        let leased = LeasedTask(task: task, lease: Lease(token: task.id))
        let outcome = await withCheckedContinuation { continuation in
            dispatch([leased], to: ContinuationSink(continuation))
        }
        return try outcome.result.get()
    }

    /// Queues attempts for the lanes and starts lanes as far as they are needed.
    public func dispatch(_ attempts: [LeasedTask], to sink: any AttemptSink) {
        guard let context else { return }
        if let oneshot = context.oneshot { return oneshot.dispatch(attempts, to: sink) }
        let now = MonotonicTime.now
        let pending = attempts.map { Lane.Pending(leased: $0, sink: sink, queuedAt: now) }
        guard let consequences = queue.add(pending) else { return context.moveOn(pending) }
        follow(consequences)
        // It may have turned out meanwhile.
        if context.oneshot != nil { context.moveOn(queue.takeAll()) }
    }

    /// Takes back all attempts that no process was given, if the first of them waits for so long.
    public func takeUnstarted(ifWaitingLongerThan wait: Duration) -> [LeasedTask] {
        queue.takeAll(ifWaitingLongerThan: wait).map(\.leased)
            + (context?.oneshot?.takeUnstarted(ifWaitingLongerThan: wait) ?? [])
    }

    /// Ends the attempt that runs this task under this lease. If its turn has come, its process is ended, and the others
    /// of the batch run again in another.
    public func stop(taskID: String, leaseToken: String, reason: StopReason) {
        // Somebody else may run the task by now: the two must not work side by side, so there is no grace.
        let request = StopRequest(reason: reason, hurry: reason == .leaseLost)
        for (lane, _) in state.withLock({ $0.lanes })
        where lane.stop(taskID: taskID, leaseToken: leaseToken, request) { return }
        // A lane that has just taken it and not noted it yet asks whether it may start it.
        if reason == .cancelled, let pending = queue.takeOut(taskID, leaseToken) {
            return pending.sink.attemptEnded(.cancelledUnstarted(pending.leased, worker: name))
        }
        context?.oneshot?.stop(taskID: taskID, leaseToken: leaseToken, reason: reason)
    }

    /// Ends all processes.
    public func stopAll(reason: StopReason, hurry: Bool) {
        let request = StopRequest(reason: reason, hurry: hurry)
        context?.standing = request
        for (lane, _) in state.withLock({ $0.lanes }) { lane.stop(request) }
        context?.oneshot?.stopAll(reason: reason, hurry: hurry)
    }

    /// Ends the threads, once each is done with the batch it runs.
    public func close() async {
        let lanes = state.withLock { state in
            state.isClosed = true
            return state.lanes
        }
        let rest = queue.close()
        context?.moveOn(rest)
        for (_, thread) in lanes { await thread.join() }
        await context?.oneshot?.close()
    }

    // MARK: Lanes

    private func follow(_ consequences: BatchQueue.Consequences) {
        for descriptor in consequences.wake { descriptor.wake() }
        guard consequences.lanes > 0, let context else { return }
        let error = state.withLock { state -> SystemError? in
            guard !state.isClosed else { return nil }
            do throws(SystemError) {
                for _ in 0..<min(consequences.lanes, configuration.concurrency - state.lanes.count) {
                    let slot = state.lanes.count
                    let lane = try BatchLane(slot: slot, context: context)
                    let thread = try DedicatedThread(name: "batch \(slot) \(name)") { lane.run() }
                    state.lanes.append((lane, thread))
                }
                return nil
            } catch {
                return error
            }
        }
        if let error { failUnlessServed(error, context) }
    }

    /// Without a single lane nothing would ever answer the queued attempts.
    private func failUnlessServed(_ error: SystemError, _ context: BatchContext) {
        guard state.withLock({ $0.lanes.isEmpty }) else { return }
        for pending in queue.takeAll() {
            let failure = TaskFailure(
                kind: .startFailed, type: "StartFailed",
                message: "cannot start worker '\(name)': \(error.description). \(StartError.scarcity(error.code))")
            pending.sink.attemptEnded(
                AttemptOutcome(
                    leased: pending.leased, result: .failure(failure), record: context.record(pending, nil)))
        }
    }

    // MARK: Workers that serve one task a process

    private func fallBack() {
        guard let context, context.oneshot == nil, !state.withLock({ $0.isClosed }) else { return }
        context.oneshot = SubprocessWorker(configuration, environment: environment, services: services)
        services.emit([
            .hostStateChanged(
                .workerServedAsOneshot(
                    worker: name,
                    reason:
                        "a process that was given several tasks answered one at most, and each alone was answered; "
                        + "'mode: batch' needs a worker that reads one JSON line after another until its input ends, and "
                        + "answers each"))
        ])
        context.moveOn(queue.takeAll())
    }
}
