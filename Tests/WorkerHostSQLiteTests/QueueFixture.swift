import Foundation
import Synchronization
import WorkerHostCore

@testable import WorkerHostSQLite

/// A directory of its own for one test, deleted at its end.
final class QueueFixture: Sendable {
    let directory: String
    let clock = ManualWallClock()

    init() throws {
        directory = FileManager.default.temporaryDirectory.path + "/whsqlite-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
    }

    deinit {
        do { try FileManager.default.removeItem(atPath: directory) } catch { print("left behind: \(error)") }
    }

    var path: String { directory + "/queue.sqlite" }

    /// A manager on the fixture's file that knows the fixture's clock.
    func open(_ change: (inout SQLiteTaskManager.Options) -> Void = { _ in }) throws -> SQLiteTaskManager {
        var options = SQLiteTaskManager.Options(longestWait: .seconds(20))
        options.now = { [clock] in clock.now }
        change(&options)
        return try SQLiteTaskManager(path: path, options: options)
    }

    /// A manager that answers "none now" at once.
    func openImpatient() throws -> SQLiteTaskManager { try open { $0.longestWait = .zero } }
}

/// A wall clock that only moves when it is told to.
final class ManualWallClock: Sendable {
    private let time = Mutex(Timestamp(microseconds: 1_700_000_000_000_000))

    var now: Timestamp { time.withLock { $0 } }

    func advance(by duration: Duration) { time.withLock { $0 = $0.advanced(by: duration) } }
}

extension LeasedTask {
    func report(_ outcome: TaskReport.Outcome, at end: Timestamp = .now) -> TaskReport {
        TaskReport(
            taskID: task.id, lease: lease, outcome: outcome,
            attempt: AttemptRecord(
                worker: "test", number: task.metadata.attempt, pid: 4711, startedAt: end, endedAt: end,
                usage: ResourceUsage(userTime: .milliseconds(3), systemTime: .milliseconds(1), peakMemory: 5 << 20)))
    }

    var success: TaskReport { report(.succeeded(TaskResult(value: RawJSON(unchecked: Array("{\"ok\": 1.0}".utf8))))) }
}

extension SQLiteTaskManager {
    func add(_ count: Int, type: String = "T", priority: Int = 0) async throws -> [String] {
        try await enqueue((0..<count).map { _ in NewTask(type: type, priority: priority) }).map(\.id)
    }
}
