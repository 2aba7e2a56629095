import Synchronization
import WorkerHostCore

extension AdapterConformance {
    /// One check and its name.
    struct Check: Sendable {
        let name: String
        let body: @Sendable (Subject, Record) async throws -> Void

        static let all = leaseChecks + reportChecks + waitChecks + cancelChecks
    }

    /// Collects what a check finds.
    final class Record: Sendable {
        private let check: String
        private let found = Mutex<[Violation]>([])

        init(check: String) {
            self.check = check
        }

        var violations: [Violation] { found.withLock { $0 } }

        func fail(_ message: String) {
            found.withLock { $0.append(Violation(check: check, message: message)) }
        }

        func expect(_ condition: Bool, _ message: @autoclosure () -> String) {
            if !condition { fail(message()) }
        }
    }
}

extension AdapterConformance.Subject {
    /// Adds tasks of one type.
    func enqueue(_ count: Int, type: String = "Check.A") async throws -> [String] {
        var ids: [String] = []
        for index in 0..<count {
            ids.append(try await enqueue(type, RawJSON(unchecked: Array("{\"n\":\(index)}".utf8))))
        }
        return ids
    }

    /// Takes tasks until `count` are there or none comes any more.
    func take(
        _ count: Int, from adapter: (any TaskManagerAdapter)? = nil, types: [String] = ["Check.*"]
    ) async throws -> [LeasedTask] {
        var tasks: [LeasedTask] = []
        while tasks.count < count {
            let more = try await (adapter ?? self.adapter).receiveTasks(limit: count - tasks.count, types: types)
            if more.isEmpty { break }
            tasks += more
        }
        return tasks
    }
}

extension LeasedTask {
    /// A report on this task.
    func report(_ outcome: TaskReport.Outcome) -> TaskReport {
        TaskReport(
            taskID: task.id, lease: lease, outcome: outcome,
            attempt: AttemptRecord(worker: "conformance", number: task.metadata.attempt, startedAt: .now))
    }

    var success: TaskReport {
        report(.succeeded(TaskResult(value: RawJSON(unchecked: Array("{\"ok\":true}".utf8)))))
    }
}
