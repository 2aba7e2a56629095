/// Something that observers are told.
public enum TaskEvent: Sendable {
    /// A task was leased.
    case received(WorkerTask)
    /// An attempt was started.
    case started(WorkerTask, worker: WorkerIdentity, attempt: Int)
    /// A task succeeded.
    case completed(WorkerTask, TaskResult, AttemptRecord)
    /// A task failed for good.
    case failed(WorkerTask, TaskFailure, AttemptRecord)
    /// An attempt failed and another one follows.
    case retrying(WorkerTask, TaskFailure, AttemptRecord, after: Duration)
    /// A task was given back.
    case released(WorkerTask, reason: String)
    /// A worker reported progress.
    case progress(WorkerTask, percent: Int, message: String?)
    /// A worker process was started.
    case workerCreated(WorkerIdentity)
    /// A worker process ended.
    case workerTerminated(WorkerIdentity, TerminationReason)
    /// A worker wrote lines.
    case output(WorkerOutput)
    /// Something that concerns the host's safety.
    case security(SecurityEvent)
    /// The host changed its state.
    case hostStateChanged(HostStateChange)

    /// The kind of event it belongs to.
    var scope: ObserverScope {
        switch self {
        case .received, .started, .progress: .taskSteps
        case .completed: .taskSuccesses
        case .failed, .retrying, .released: .taskTroubles
        case .workerCreated, .workerTerminated: .processes
        case .output: .output
        case .security: .security
        case .hostStateChanged: .host
        }
    }

    /// Calls the observer's method for this event.
    func deliver(to observer: any Observer) async {
        switch self {
        case .received(let task): await observer.onTaskReceived(task)
        case .started(let task, let worker, let attempt):
            await observer.onTaskStarted(task, worker: worker, attempt: attempt)
        case .completed(let task, let result, let record):
            await observer.onTaskCompleted(task, result: result, attempt: record)
        case .failed(let task, let failure, let record):
            await observer.onTaskFailed(task, failure: failure, attempt: record)
        case .retrying(let task, let failure, let record, let delay):
            await observer.onTaskRetrying(task, failure: failure, attempt: record, after: delay)
        case .released(let task, let reason): await observer.onTaskReleased(task, reason: reason)
        case .progress(let task, let percent, let message):
            await observer.onTaskProgress(task, percent: percent, message: message)
        case .workerCreated(let worker): await observer.onWorkerCreated(worker)
        case .workerTerminated(let worker, let reason): await observer.onWorkerTerminated(worker, reason: reason)
        case .output(let output): await observer.onWorkerOutput(output)
        case .security(let event): await observer.onSecurityEvent(event)
        case .hostStateChanged(let change): await observer.onHostStateChanged(change)
        }
    }
}
