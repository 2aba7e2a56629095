/// Runs each task in a fresh child that a template, in which the worker is imported already, forks for it.
public final class ForkedWorker: DispatchingWorker {
    /// How the processes are started and which tasks they run.
    public let configuration: WorkerConfiguration
    let starter: ForkStarter
    private let lanes: SubprocessWorker
    private let services: LaneServices
    /// nil when the machine gave no thread or descriptor for it.
    private let keeper: TemplateKeeper?
    private let keeperThread: DedicatedThread?
    private let startTrouble: SystemError?

    /// A worker for use without a host: events go nowhere.
    /// - Parameter environment: the variables from which the fixed allow-list is taken.
    public convenience init(_ configuration: WorkerConfiguration, environment: [String: String]) {
        self.init(configuration, environment: environment, services: .none)
    }

    init(_ configuration: WorkerConfiguration, environment: [String: String], services: LaneServices) {
        self.configuration = configuration
        self.services = services
        let launcher = Launcher(
            configuration, mode: .fork, hostEnvironment: environment, hostMark: services.hostMark)
        let oneshot = Launcher(configuration, hostEnvironment: environment, hostMark: services.hostMark)
        let starter = ForkStarter(worker: configuration.name, launcher: launcher)
        let lanes = SubprocessWorker(configuration, launcher: starter, services: services)
        self.starter = starter
        self.lanes = lanes
        do throws(SystemError) {
            let keeper = try TemplateKeeper()
            starter.connect(gate: { lanes.queue.hold(!$0) }, wantTemplate: { keeper.want() })
            let hooks = Self.hooks(configuration, starter, lanes, oneshot, services)
            keeperThread = try DedicatedThread(name: "fork \(configuration.name)") {
                keeper.run(configuration, launcher, services, hooks)
            }
            self.keeper = keeper
            startTrouble = nil
        } catch {
            keeper = nil
            keeperThread = nil
            startTrouble = error
        }
    }

    private static func hooks(
        _ configuration: WorkerConfiguration, _ starter: ForkStarter, _ lanes: SubprocessWorker, _ oneshot: Launcher,
        _ services: LaneServices
    ) -> TemplateKeeper.Hooks {
        TemplateKeeper.Hooks(
            serve: { starter.serve($0) },
            waiting: { lanes.queue.count },
            startFailed: { startFailed(configuration.name, lanes, $0, $1) },
            speaksOtherwise: { reason in
                services.emit([
                    .hostStateChanged(
                        .workerServedAsOneshot(
                            worker: configuration.name,
                            reason: "\(reason); 'mode: fork' needs a worker that speaks its protocol, as one of the "
                                + "Python package does"))
                ])
                starter.fallBack(to: oneshot)
            })
    }

    /// The worker's name.
    public var name: String { configuration.name }

    /// Most children at once.
    public var concurrency: Int { configuration.concurrency }

    /// Whether the configuration's `task_types` select the type.
    public func canHandle(_ taskType: String) -> Bool { lanes.canHandle(taskType) }

    /// The template that serves, if there is one.
    var templatePid: Int32? { starter.template?.pid }

    /// Runs one task in a child and waits for its end.
    public func process(_ task: WorkerTask) async throws(TaskFailure) -> TaskResult {
        let leased = LeasedTask(task: task, lease: Lease(token: task.id))
        let outcome = await withCheckedContinuation { continuation in
            dispatch([leased], to: ContinuationSink(continuation))
        }
        return try outcome.result.get()
    }

    /// Queues attempts for the lanes; they begin when a template is ready.
    public func dispatch(_ attempts: [LeasedTask], to sink: any AttemptSink) {
        lanes.dispatch(attempts, to: sink)
        if let startTrouble {
            while lanes.queue.count > 0 {
                Self.startFailed(name, lanes, "\(startTrouble). \(StartError.scarcity(startTrouble.code))", nil)
            }
        } else if starter.needsTemplate {
            keeper?.want()
        }
    }

    /// A template could not be started: one of the tasks that wait is told, so that the breaker sees it; without any
    /// nobody is.
    private static func startFailed(
        _ name: String, _ lanes: SubprocessWorker, _ reason: String, _ standardError: String?
    ) {
        guard let pending = lanes.queue.remove(where: { _ in true }) else { return }
        var failure = TaskFailure(
            kind: .startFailed, type: "StartFailed",
            // What the kernel refused names the worker already.
            message: (reason.hasPrefix("cannot start worker")
                ? reason : "cannot start the template of worker '\(name)': \(reason)")
                + (LastWords.lastLine(of: standardError).map { "; its last line on standard error: \($0)" } ?? ""))
        failure.standardErrorTail = standardError
        let record = AttemptRecord(worker: name, number: pending.leased.task.metadata.attempt)
        pending.sink.attemptEnded(
            AttemptOutcome(leased: pending.leased, result: .failure(failure), record: record))
    }

    /// Takes back all attempts that have not been started, if the first of them waits for so long.
    public func takeUnstarted(ifWaitingLongerThan wait: Duration) -> [LeasedTask] {
        lanes.takeUnstarted(ifWaitingLongerThan: wait)
    }

    /// Ends the attempt that runs this task under this lease; one that was cancelled also while it waits.
    public func stop(taskID: String, leaseToken: String, reason: StopReason) {
        lanes.stop(taskID: taskID, leaseToken: leaseToken, reason: reason)
    }

    /// Ends all attempts that run; those that wait for a template are answered at once.
    public func stopAll(reason: StopReason, hurry: Bool) {
        lanes.stopAll(reason: reason, hurry: hurry)
        guard reason == .shutdown else { return }
        for pending in lanes.queue.drain() {
            pending.sink.attemptEnded(.closedUnstarted(pending.leased, worker: name))
        }
    }

    /// Ends the threads and the template, once each is done with what it runs.
    public func close() async {
        await lanes.close()
        starter.serve(nil)
        keeper?.close()
        await keeperThread?.join()
        starter.disconnect()
    }
}
