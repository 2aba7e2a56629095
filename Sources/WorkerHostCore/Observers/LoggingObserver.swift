public import Logging

/// Writes what happens to a logger: static messages, the facts as metadata.
public struct LoggingObserver: Observer {
    private let logger: Logger
    private let capturesWorkerOutput: Bool
    private let flush: @Sendable () -> Void

    /// An observer.
    /// - Parameters:
    ///   - captureWorkerOutput: whether the workers' lines are written too.
    ///   - flush: called when it was told of all there was for now, so that a log handler may gather lines until then.
    public init(logger: Logger, captureWorkerOutput: Bool = true, flush: @escaping @Sendable () -> Void = {}) {
        self.logger = logger
        capturesWorkerOutput = captureWorkerOutput
        self.flush = flush
    }

    /// Everything that is written at the logger's level, and the workers' output where it is wanted.
    public var scope: ObserverScope {
        var scope = ObserverScope.all
        let level = logger.logLevel
        if level > .debug { scope.remove(.taskSteps) }
        if level > .info { scope.remove(.taskSuccesses) }
        if !capturesWorkerOutput { scope.remove(.output) }
        return scope
    }

    /// At debug: many tasks are received.
    public func onTaskReceived(_ task: WorkerTask) async {
        logger.debug("task received", metadata: ["task": "\(task.id)", "type": "\(task.type)"])
    }

    /// At debug.
    public func onTaskStarted(_ task: WorkerTask, worker: WorkerIdentity, attempt: Int) async {
        logger.debug(
            "task started",
            metadata: [
                "task": "\(task.id)", "type": "\(task.type)", "worker": "\(worker.name)",
                "pid": "\(worker.pid ?? 0)", "attempt": "\(attempt)",
            ])
    }

    /// At info.
    public func onTaskCompleted(_ task: WorkerTask, result: TaskResult, attempt: AttemptRecord) async {
        guard logger.logLevel <= .info else { return }
        // Nearly every task comes by here: nothing is interpolated.
        logger.info(
            "task completed",
            metadata: [
                "task": .string(task.id), "type": .string(task.type), "worker": .string(attempt.worker),
                "attempt": .string(String(attempt.number)), "seconds": .string(String(Self.seconds(attempt))),
            ])
    }

    /// At error; at info if somebody cancelled it.
    public func onTaskFailed(_ task: WorkerTask, failure: TaskFailure, attempt: AttemptRecord) async {
        if failure.isCancellation {
            logger.info("task cancelled", metadata: Self.metadata(task, failure, attempt))
            return
        }
        logger.error("task failed", metadata: Self.metadata(task, failure, attempt))
    }

    /// At warning.
    public func onTaskRetrying(
        _ task: WorkerTask, failure: TaskFailure, attempt: AttemptRecord, after delay: Duration
    ) async {
        var metadata = Self.metadata(task, failure, attempt)
        metadata["retry_in_seconds"] = "\(Self.milliseconds(delay))"
        logger.warning("task will be tried again", metadata: metadata)
    }

    /// At info.
    public func onTaskReleased(_ task: WorkerTask, reason: String) async {
        logger.info("task given back", metadata: ["task": "\(task.id)", "type": "\(task.type)", "reason": "\(reason)"])
    }

    /// At debug.
    public func onTaskProgress(_ task: WorkerTask, percent: Int, message: String?) async {
        logger.debug(
            "task progress", metadata: ["task": "\(task.id)", "percent": "\(percent)", "message": "\(message ?? "")"])
    }

    /// At debug, except for a crash.
    public func onWorkerTerminated(_ worker: WorkerIdentity, reason: TerminationReason) async {
        // Once per oneshot task: nothing is put into words that nobody reads.
        if case .signaled = reason {
            logger.warning("worker process crashed", metadata: Self.metadata(worker, reason))
        } else {
            logger.debug("worker process ended", metadata: Self.metadata(worker, reason))
        }
    }

    /// At info, if the workers' output is wanted.
    public func onWorkerOutput(_ output: WorkerOutput) async {
        guard capturesWorkerOutput else { return }
        for line in output.lines {
            logger.info(
                "\(line)",
                metadata: [
                    "worker": "\(output.worker.name)", "task": "\(output.taskID)",
                    "stream": "\(output.stream.rawValue)",
                ])
        }
    }

    /// At warning.
    public func onSecurityEvent(_ event: SecurityEvent) async {
        logger.warning("security", metadata: ["kind": "\(event.kind)", "message": "\(event.message)"])
    }

    /// At the level that the change deserves.
    public func onHostStateChanged(_ change: HostStateChange) async {
        switch change {
        case .running: logger.info("host is running")
        case .draining(let reason): logger.info("host is draining", metadata: ["reason": "\(reason)"])
        case .stopped: logger.info("host has stopped")
        case .workerUnavailable(let worker, let reason):
            logger.error(
                "worker cannot be started; its tasks wait until it can",
                metadata: ["worker": "\(worker)", "reason": "\(reason)"])
        case .workerProbeFailed(let worker, let reason, let failedProbes, let delay):
            logger.debug(
                "worker can still not be started",
                metadata: [
                    "worker": "\(worker)", "reason": "\(reason)", "failed_probes": "\(failedProbes)",
                    "next_probe_in_seconds": "\(Self.milliseconds(delay))",
                ])
        case .configurationReloaded(let plan): log(plan)
        case .configurationRefused(let reasons):
            for reason in reasons {
                logger.error(
                    "new configuration refused; the one before stays in force", metadata: ["reason": "\(reason)"])
            }
        case .workerServedAsOneshot(let worker, let reason):
            logger.warning(
                "worker does not speak the protocol of its mode; each of its tasks gets a process of its own",
                metadata: ["worker": "\(worker)", "reason": "\(reason)"])
        case .templateChanged(let worker, let change): log(change, of: worker)
        case .workerRetired(let worker):
            logger.info("worker has finished what it ran before the reload", metadata: ["worker": "\(worker)"])
        case .workerRecovered(let worker): logger.info("worker can be started again", metadata: ["worker": "\(worker)"])
        case .taskManagerUnavailable(let reason):
            logger.error("TaskManager does not answer", metadata: ["reason": "\(reason)"])
        case .taskManagerRecovered: logger.info("TaskManager answers again")
        case .recoveredDeadHost(let id, let running):
            logger.warning(
                "a host had died; its tasks are settled", metadata: ["host": "\(id)", "running": "\(running)"])
        case .unknownTaskType(let type, let count):
            logger.error("tasks of a type without a worker", metadata: ["type": "\(type)", "count": "\(count)"])
        }
    }

    /// Lets the log handler write what it has gathered.
    public func onPause() async { flush() }

    private func log(_ change: TemplateChange, of worker: String) {
        switch change {
        case .replaced(let reason):
            logger.notice("worker has a new template", metadata: ["worker": "\(worker)", "reason": "\(reason)"])
        case .died(let reason):
            logger.warning(
                "template of a worker died; another one is started",
                metadata: ["worker": "\(worker)", "reason": "\(reason)"])
        case .refused(let reason):
            logger.error(
                "new template of a worker cannot be started; the one before stays in force",
                metadata: ["worker": "\(worker)", "reason": "\(reason)"])
        case .caution(let text):
            logger.warning("worker in fork mode", metadata: ["worker": "\(worker)", "caution": "\(text)"])
        }
    }

    private func log(_ plan: ReloadPlan) {
        guard !plan.isEmpty else {
            logger.notice("configuration reloaded: nothing has changed")
            return
        }
        for line in plan.lines { logger.notice("configuration reloaded", metadata: ["change": "\(line)"]) }
        if !plan.atNextStart.isEmpty {
            logger.warning(
                "some settings take effect when the host is started again",
                metadata: ["keys": "\(plan.atNextStart.map(\.key).joined(separator: ", "))"])
        }
    }

    private static func metadata(
        _ task: WorkerTask, _ failure: TaskFailure, _ attempt: AttemptRecord
    ) -> Logger.Metadata {
        [
            "task": "\(task.id)", "type": "\(task.type)", "worker": "\(attempt.worker)",
            "attempt": "\(attempt.number)", "kind": "\(failure.kind.name)", "error": "\(failure)",
            "seconds": "\(seconds(attempt))",
        ]
    }

    private static func metadata(_ worker: WorkerIdentity, _ reason: TerminationReason) -> Logger.Metadata {
        ["worker": "\(worker.name)", "pid": "\(worker.pid ?? 0)", "reason": "\(reason)"]
    }

    private static func seconds(_ attempt: AttemptRecord) -> Double {
        guard let startedAt = attempt.startedAt else { return 0 }
        return milliseconds(startedAt.duration(to: attempt.endedAt))
    }

    /// Seconds with three decimals.
    private static func milliseconds(_ duration: Duration) -> Double {
        (duration.inSeconds * 1000).rounded() / 1000
    }
}
