/// Told about everything that happens in a host; every method defaults to doing nothing.
///
/// Each observer has a bounded queue of its own and is called from one task, in order. A slow observer delays nobody:
/// what it loses is counted (``WorkerHost/observerLosses``).
public protocol Observer: Sendable {
    /// What it is told about. Asked whenever there is something to tell, for it may change, as a log's level may; so it
    /// must be cheap. Only whether ``ObserverScope/output`` is among it is settled when the host is made.
    var scope: ObserverScope { get }
    /// A task was leased.
    func onTaskReceived(_ task: WorkerTask) async
    /// An attempt was started.
    func onTaskStarted(_ task: WorkerTask, worker: WorkerIdentity, attempt: Int) async
    /// A task succeeded and its result is durable.
    func onTaskCompleted(_ task: WorkerTask, result: TaskResult, attempt: AttemptRecord) async
    /// A task failed for good and its failure is durable.
    func onTaskFailed(_ task: WorkerTask, failure: TaskFailure, attempt: AttemptRecord) async
    /// An attempt failed and another one follows after the delay.
    func onTaskRetrying(_ task: WorkerTask, failure: TaskFailure, attempt: AttemptRecord, after delay: Duration) async
    /// A task was given back without spending its attempt.
    func onTaskReleased(_ task: WorkerTask, reason: String) async
    /// A worker reported progress.
    func onTaskProgress(_ task: WorkerTask, percent: Int, message: String?) async
    /// A worker process was started.
    func onWorkerCreated(_ worker: WorkerIdentity) async
    /// A worker process ended.
    func onWorkerTerminated(_ worker: WorkerIdentity, reason: TerminationReason) async
    /// A worker wrote lines to standard error, or stray ones to standard output.
    func onWorkerOutput(_ output: WorkerOutput) async
    /// Something that concerns the host's safety was refused or seen.
    func onSecurityEvent(_ event: SecurityEvent) async
    /// The host, or the way to one worker or to the TaskManager, changed its state.
    func onHostStateChanged(_ change: HostStateChange) async
    /// It was told of all there was for now; what it has gathered is to go out.
    func onPause() async
}

extension Observer {
    /// Everything.
    public var scope: ObserverScope { .all }
    /// Does nothing.
    public func onTaskReceived(_ task: WorkerTask) async {}
    /// Does nothing.
    public func onTaskStarted(_ task: WorkerTask, worker: WorkerIdentity, attempt: Int) async {}
    /// Does nothing.
    public func onTaskCompleted(_ task: WorkerTask, result: TaskResult, attempt: AttemptRecord) async {}
    /// Does nothing.
    public func onTaskFailed(_ task: WorkerTask, failure: TaskFailure, attempt: AttemptRecord) async {}
    /// Does nothing.
    public func onTaskRetrying(
        _ task: WorkerTask, failure: TaskFailure, attempt: AttemptRecord, after delay: Duration
    ) async {}
    /// Does nothing.
    public func onTaskReleased(_ task: WorkerTask, reason: String) async {}
    /// Does nothing.
    public func onTaskProgress(_ task: WorkerTask, percent: Int, message: String?) async {}
    /// Does nothing.
    public func onWorkerCreated(_ worker: WorkerIdentity) async {}
    /// Does nothing.
    public func onWorkerTerminated(_ worker: WorkerIdentity, reason: TerminationReason) async {}
    /// Does nothing.
    public func onWorkerOutput(_ output: WorkerOutput) async {}
    /// Does nothing.
    public func onSecurityEvent(_ event: SecurityEvent) async {}
    /// Does nothing.
    public func onHostStateChanged(_ change: HostStateChange) async {}
    /// Does nothing.
    public func onPause() async {}
}

/// Lines that a worker wrote beside its reply.
public struct WorkerOutput: Sendable {
    /// Where it was written.
    public enum Stream: String, Sendable {
        /// The worker's log.
        case standardError = "stderr"
        /// Prints in front of the reply.
        case standardOutput = "stdout"
    }

    /// The worker.
    public let worker: WorkerIdentity
    /// The task that ran.
    public let taskID: String
    /// Where it was written.
    public let stream: Stream
    /// The lines, without line ends; over-long ones are cut.
    public let lines: [String]

    /// Output.
    public init(worker: WorkerIdentity, taskID: String, stream: Stream, lines: [String]) {
        self.worker = worker
        self.taskID = taskID
        self.stream = stream
        self.lines = lines
    }
}

/// Something that concerns the host's safety.
public struct SecurityEvent: Sendable {
    /// A stable word: `path_refused`, `module_refused`, `orphan_killed`, …
    public let kind: String
    /// What happened and what to do.
    public let message: String

    /// An event.
    public init(kind: String, message: String) {
        self.kind = kind
        self.message = message
    }
}

/// A change of state that an operator wants to know.
public enum HostStateChange: Sendable {
    /// Tasks are leased and run.
    case running
    /// No more tasks are leased; what runs is finished.
    case draining(reason: String)
    /// All is settled.
    case stopped
    /// The worker cannot be started; its tasks are not leased until a probe succeeds.
    case workerUnavailable(worker: String, reason: String)
    /// The worker could not be started at a probe either; the next probe follows after the delay.
    case workerProbeFailed(worker: String, reason: String, failedProbes: Int, nextProbeAfter: Duration)
    /// The worker can be started again.
    case workerRecovered(worker: String)
    /// The TaskManager does not answer.
    case taskManagerUnavailable(reason: String)
    /// The TaskManager answers again.
    case taskManagerRecovered
    /// A host that had died left tasks behind; they are settled.
    case recoveredDeadHost(id: String, running: Int)
    /// Another configuration is in force.
    case configurationReloaded(ReloadPlan)
    /// Another configuration was refused; the one before stays in force.
    case configurationRefused(reasons: [String])
    /// All tasks of a worker that a reload took out of use have been finished.
    case workerRetired(worker: String)
    /// A worker does not speak the protocol of its mode; every task of it gets a process of its own from now on.
    case workerServedAsOneshot(worker: String, reason: String)
    /// Something happened to the template of a forked worker.
    case templateChanged(worker: String, TemplateChange)
    /// Tasks of types without a worker were found.
    case unknownTaskType(type: String, count: Int)
}

/// What happened to the template from which a worker's processes are forked.
public enum TemplateChange: Sendable, Hashable {
    /// Another one has taken its place; what runs on the one before is finished.
    case replaced(reason: String)
    /// It has died; what it had forked runs on, and another one is started.
    case died(reason: String)
    /// One that was to take its place could not be started: the one before stays in force.
    case refused(reason: String)
    /// Something about it that the operator should change; told once.
    case caution(String)
}
