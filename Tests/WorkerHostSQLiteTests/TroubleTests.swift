import Foundation
import Logging
import Synchronization
import Testing
import WorkerHostCore
import WorkerHostTesting

@testable import WorkerHostSQLite

/// A1: a host whose queue cannot be written for a while.
struct TroubleTests {
    private let fixture: QueueFixture

    init() throws { fixture = try QueueFixture() }

    /// A host with one worker that waits for a file and then answers.
    private func host(_ manager: SQLiteTaskManager, _ contact: ContactObserver) throws -> WorkerHost {
        let script = """
            read task; echo ran >> runs; while [ ! -e go ]; do sleep 0.02; done; echo '{"success":true,"result":1}'
            """
        let worker = WorkerConfiguration(
            name: "w", projectPath: fixture.directory, command: ["sh", "-c", script], taskTypes: ["T"], concurrency: 3)
        return try WorkerHost(
            configuration: HostConfiguration(
                taskManager: TaskManagerConfiguration(kind: .sqlite), workers: [worker],
                stateDirectory: fixture.directory + "/state"),
            taskManager: manager, observers: [contact], environment: ["PATH": "/usr/bin:/bin"],
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
    }

    private func runs() -> Int {
        guard let text = try? String(contentsOfFile: fixture.directory + "/runs", encoding: .utf8) else { return 0 }
        return text.split(separator: "\n").count
    }

    @Test func `A queue that is locked for a while is told of once, and nothing is lost or repeated`() async throws {
        let manager = try fixture.open {
            $0.busyTimeout = .milliseconds(50)
            $0.now = { Timestamp.now }
        }
        _ = try await manager.add(2)
        // Becomes due, and is claimed in vain, while the queue is locked.
        _ = try await manager.enqueue([NewTask(type: "T", delay: .milliseconds(700))])
        let contact = ContactObserver()
        let host = try host(manager, contact)
        async let summary = host.run(untilIdle: true)
        try await until { runs() >= 2 }
        // In the middle of claims (a task becomes due) and of completes (two workers are about to answer).
        let holder = try LockHolder(path: fixture.path)
        try Data().write(to: URL(fileURLWithPath: fixture.directory + "/go"))
        try await until { !contact.changes.isEmpty }
        #expect(host.health.isUnhealthy)
        // Several further tries fail and are not told again.
        try await Task.sleep(for: .milliseconds(900))
        #expect(contact.changes == ["unavailable"])
        holder.release()
        #expect(try await summary.completed == 3)
        #expect(contact.changes == ["unavailable", "recovered"])
        #expect(runs() == 3, "none was repeated")
    }
}

/// Waits for a condition, at most half a minute.
private func until(_ condition: () -> Bool) async throws {
    for _ in 0..<3000 where !condition() { try await Task.sleep(for: .milliseconds(10)) }
    #expect(condition())
}

extension HealthStatus {
    fileprivate var isUnhealthy: Bool {
        if case .unhealthy = self { true } else { false }
    }
}

/// Remembers whether the TaskManager answered.
private final class ContactObserver: Observer {
    private let state = Mutex<[String]>([])

    var changes: [String] { state.withLock { $0 } }

    func onHostStateChanged(_ change: HostStateChange) async {
        switch change {
        case .taskManagerUnavailable: state.withLock { $0.append("unavailable") }
        case .taskManagerRecovered: state.withLock { $0.append("recovered") }
        default: break
        }
    }
}
