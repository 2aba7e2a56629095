/// Runs tasks in processes that serve one after another.
public final class PooledWorker: DispatchingWorker {
    private struct State {
        var controls: [Int: PoolLaneControl] = [:]
        var running = 0
        var isClosed = false
        /// Takes all tasks once it turned out that the worker serves one task a process.
        var oneshot: SubprocessWorker?
        /// A stop of everything, which also holds for processes that are started later.
        var standing: StopRequest?
    }

    /// How the processes are started and which tasks they run.
    public let configuration: WorkerConfiguration
    private let selection: TaskTypeSelection
    private let launcher: Launcher
    private let services: LaneServices
    private let environment: [String: String]
    private let state = Guarded(State())
    private let laneEnded = Signal()
    private let context = Guarded<PoolContext?>(nil)

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
        launcher = Launcher(
            configuration, mode: .pool, hostEnvironment: environment, hostMark: services.hostMark)
        let speech = WorkerSpeech { [weak self] in self?.fallBack() }
        let context = PoolContext(configuration, services: services, speaks: speech) { [weak self] in
            self?.start($0)
        }
        self.context.withLock { $0 = context }
        start(context.members.warmUp())
    }

    /// The worker's name.
    public var name: String { configuration.name }

    /// Most tasks at once: a process each, or fewer that are given several.
    public var concurrency: Int { configuration.pool.max ?? configuration.concurrency }

    /// How many processes there are.
    public var processCount: Int { state.withLock { $0.running } }

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

    /// Queues attempts for the processes and starts processes as far as they are needed.
    public func dispatch(_ attempts: [LeasedTask], to sink: any AttemptSink) {
        if let oneshot = state.withLock({ $0.oneshot }) { return oneshot.dispatch(attempts, to: sink) }
        let now = MonotonicTime.now
        let pending = attempts.map { Lane.Pending(leased: $0, sink: sink, queuedAt: now) }
        guard let context = context.withLock({ $0 }), let consequences = context.members.add(pending) else {
            return refuse(pending)
        }
        consequences.wakeAll()
        start(consequences.start)
        // It may have turned out meanwhile.
        if state.withLock({ $0.oneshot }) != nil { moveToOneshot() }
    }

    private func refuse(_ pending: [Lane.Pending]) {
        for entry in pending {
            let failure = TaskFailure(kind: .interrupted, message: "worker '\(name)' was closed")
            let record = AttemptRecord(worker: name, number: entry.leased.task.metadata.attempt)
            entry.sink.attemptEnded(
                AttemptOutcome(leased: entry.leased, result: .failure(failure), record: record))
        }
    }

    /// Takes back all attempts that no process was given, if the first of them waits for so long.
    public func takeUnstarted(ifWaitingLongerThan wait: Duration) -> [LeasedTask] {
        let waiting = context.withLock { $0 }?.members.takeAll(ifWaitingLongerThan: wait).map(\.leased) ?? []
        return waiting + (state.withLock { $0.oneshot }?.takeUnstarted(ifWaitingLongerThan: wait) ?? [])
    }

    /// Ends the attempt that runs this task under this lease: a process that was given it is asked to cancel it, then
    /// ended.
    public func stop(taskID: String, leaseToken: String, reason: StopReason) {
        let (controls, oneshot) = state.withLock { (Array($0.controls.values), $0.oneshot) }
        let request = StopRequest(reason: reason, hurry: reason == .leaseLost)
        for control in controls where control.stop(taskID: taskID, leaseToken: leaseToken, request) { return }
        if reason == .cancelled, let pending = context.withLock({ $0 })?.members.takeOut(taskID, leaseToken) {
            return pending.sink.attemptEnded(.cancelledUnstarted(pending.leased, worker: name))
        }
        oneshot?.stop(taskID: taskID, leaseToken: leaseToken, reason: reason)
    }

    /// Ends all processes.
    public func stopAll(reason: StopReason, hurry: Bool) {
        let request = StopRequest(reason: reason, hurry: hurry)
        let (controls, oneshot) = state.withLock { state in
            state.standing = request
            return (Array(state.controls.values), state.oneshot)
        }
        for control in controls { control.stop(request) }
        oneshot?.stopAll(reason: reason, hurry: hurry)
    }

    /// Lets all processes end and waits for it.
    public func close() async {
        let context = context.withLock { $0 }
        state.withLock { $0.isClosed = true }
        for pending in context?.members.close() ?? [] {
            pending.sink.attemptEnded(context?.closed(pending) ?? closedOutcome(pending))
        }
        while state.withLock({ $0.running > 0 }) { await laneEnded.wait() }
        await state.withLock { $0.oneshot }?.close()
    }

    private func closedOutcome(_ pending: Lane.Pending) -> AttemptOutcome {
        AttemptOutcome(
            leased: pending.leased,
            result: .failure(TaskFailure(kind: .interrupted, message: "worker '\(name)' was closed")),
            record: AttemptRecord(worker: name, number: pending.leased.task.metadata.attempt))
    }

    // MARK: Processes

    private func start(_ members: [Int]) {
        for id in members {
            state.withLock { $0.running += 1 }
            do throws(SystemError) {
                let control = try PoolLaneControl()
                _ = try DedicatedThread(name: "pool \(id) \(name)") { self.serve(id, control) }
            } catch {
                ended(id)
                context.withLock { $0 }?.startFailed("\(error). See ulimit -a for the limits", nil)
            }
        }
    }

    /// The whole life of one process, on the thread that started it: the kernel ends the process when that thread ends.
    private func serve(_ id: Int, _ control: PoolLaneControl) {
        guard let context = context.withLock({ $0 }), !context.members.isClosed else { return ended(id) }
        let mark = "pool/\(launcher.id)-\(id)"
        let temporary =
            launcher.setsOwnTemporaryDirectory ? nil : services.scratch?.directory(name: "\(launcher.id)-\(id)")
        services.setMark(mark, true)
        defer {
            services.setMark(mark, false)
            temporary?.remove()
        }
        let child: ChildProcess
        do throws(StartError) {
            child = try launcher.start(mark: mark, temporary: temporary?.path, stack: SpawnStack())
        } catch {
            ended(id)
            context.startFailed(error.description, nil)
            return
        }
        services.emit([.workerCreated(WorkerIdentity(name: name, slot: id, pid: child.pid))])
        let standing = state.withLock { state in
            state.controls[id] = control
            return state.standing
        }
        context.members.joined(id, control.wake)
        if let standing { control.stop(standing) }
        PoolLane(id: id, context: context, control: control, child: child).run()
        state.withLock { $0.controls[id] = nil }
        ended(id)
    }

    private func ended(_ id: Int) {
        let consequences = context.withLock { $0 }?.members.ended(id)
        consequences?.wakeAll()
        start(consequences?.start ?? [])
        state.withLock { $0.running -= 1 }
        laneEnded.fire()
    }

    // MARK: Workers that serve one task a process

    /// The worker ends after its first reply: each task gets a process of its own from now on.
    private func fallBack() {
        let isNew = state.withLock { state in
            guard state.oneshot == nil, !state.isClosed else { return false }
            state.oneshot = SubprocessWorker(configuration, environment: environment, services: services)
            return true
        }
        guard isNew else { return }
        context.withLock { $0 }?.speaks.oneshot = state.withLock { $0.oneshot }
        services.emit([
            .hostStateChanged(
                .workerServedAsOneshot(
                    worker: name,
                    reason:
                        "a process ended after its first reply; 'mode: pool' needs a worker that reads one JSON line "
                        + "after another until its input ends"))
        ])
        moveToOneshot()
    }

    private func moveToOneshot() {
        guard let oneshot = state.withLock({ $0.oneshot }), let context = context.withLock({ $0 }) else { return }
        for pending in context.members.takeAll() { oneshot.dispatch([pending.leased], to: pending.sink) }
    }
}
