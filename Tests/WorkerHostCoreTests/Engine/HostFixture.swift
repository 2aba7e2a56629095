import Foundation
import Logging
import Testing
import WorkerHostTesting

@testable import WorkerHostCore

/// A host on a queue in memory, with an observer that remembers.
struct HostFixture {
    let host: WorkerHost
    let queue: MemoryTaskManager
    let events: RecordingObserver

    init(
        _ workers: [WorkerConfiguration], queue: MemoryTaskManager = MemoryTaskManager(),
        swiftWorkers: [any Worker] = [],
        observers: [any Observer] = [], retries: TaskManagerConfiguration.Retries = .host,
        shutdownTimeout: Duration = .seconds(30),
        environment: [String: String] = ["PATH": "/usr/local/bin:/usr/bin:/bin"],
        taskManager: (MemoryTaskManager) -> any TaskManagerAdapter = { $0 }
    ) throws {
        self.queue = queue
        events = RecordingObserver()
        let configuration = HostConfiguration(
            taskManager: TaskManagerConfiguration(kind: .sqlite, retries: retries), workers: workers,
            stateDirectory: NSTemporaryDirectory() + "workerhost-state-\(UUID().uuidString)",
            shutdownTimeout: shutdownTimeout)
        host = try WorkerHost(
            configuration: configuration, taskManager: taskManager(queue), observers: [events] + observers,
            workers: swiftWorkers,
            environment: environment,
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
    }

    func entry(_ id: String) async throws -> MemoryTaskManager.Entry {
        try #require(await queue.entry(id))
    }
}

/// Keeps a line for each event.
final class RecordingObserver: Observer {
    private let state = Guarded<[String]>([])

    var lines: [String] { state.withLock { $0 } }

    func lines(of task: String) -> [String] { lines.filter { $0.hasSuffix(" \(task)") } }

    private func note(_ line: String) { state.withLock { $0.append(line) } }

    func onTaskReceived(_ task: WorkerTask) async { note("received \(task.id)") }
    func onTaskStarted(_ task: WorkerTask, worker: WorkerIdentity, attempt: Int) async {
        note("started-\(attempt)-\(worker.name) \(task.id)")
    }
    func onTaskCompleted(_ task: WorkerTask, result: TaskResult, attempt: AttemptRecord) async {
        note("completed \(task.id)")
    }
    func onTaskFailed(_ task: WorkerTask, failure: TaskFailure, attempt: AttemptRecord) async {
        note("failed-\(failure.kind.name) \(task.id)")
    }
    func onTaskRetrying(_ task: WorkerTask, failure: TaskFailure, attempt: AttemptRecord, after: Duration) async {
        note("retrying \(task.id)")
    }
    func onTaskReleased(_ task: WorkerTask, reason: String) async { note("released \(task.id)") }
    func onWorkerOutput(_ output: WorkerOutput) async {
        for line in output.lines { note("\(output.stream.rawValue) \(line) \(output.taskID)") }
    }
    func onSecurityEvent(_ event: SecurityEvent) async { note("security \(event.kind)") }
    func onHostStateChanged(_ change: HostStateChange) async {
        switch change {
        case .workerUnavailable(let worker, _): note("unavailable \(worker)")
        case .workerRecovered(let worker): note("recovered \(worker)")
        case .taskManagerUnavailable: note("manager unavailable")
        case .taskManagerRecovered: note("manager recovered")
        case .workerRetired(let worker): note("retired \(worker)")
        case .configurationReloaded(let plan): note("reloaded \(plan.workers.count)")
        case .configurationRefused(let reasons): note("refused \(reasons.joined(separator: "; "))")
        default: break
        }
    }
}
