import Synchronization
import WorkerHostCore

/// Counts what a host does; costs a lock and an addition per event.
final class ProgressCounter: Observer {
    /// The counts so far.
    struct Counts: Sendable, Hashable {
        var completed = 0
        var failed = 0
        var retried = 0
        var running: Set<String> = []

        /// Tasks that have ended.
        var done: Int { completed + failed }
    }

    private let counts = Mutex(Counts())

    var scope: ObserverScope { .tasks }

    /// The counts so far.
    var current: Counts { counts.withLock { $0 } }

    func onTaskStarted(_ task: WorkerTask, worker: WorkerIdentity, attempt: Int) async {
        counts.withLock { _ = $0.running.insert(task.id) }
    }

    func onTaskCompleted(_ task: WorkerTask, result: TaskResult, attempt: AttemptRecord) async {
        counts.withLock {
            $0.completed += 1
            $0.running.remove(task.id)
        }
    }

    func onTaskFailed(_ task: WorkerTask, failure: TaskFailure, attempt: AttemptRecord) async {
        counts.withLock {
            $0.failed += 1
            $0.running.remove(task.id)
        }
    }

    func onTaskRetrying(
        _ task: WorkerTask, failure: TaskFailure, attempt: AttemptRecord, after delay: Duration
    ) async {
        counts.withLock {
            $0.retried += 1
            $0.running.remove(task.id)
        }
    }

    func onTaskReleased(_ task: WorkerTask, reason: String) async {
        counts.withLock { _ = $0.running.remove(task.id) }
    }
}
