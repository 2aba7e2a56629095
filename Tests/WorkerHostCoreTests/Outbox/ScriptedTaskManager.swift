import WorkerHostCore

/// A TaskManager that does as it is told.
actor ScriptedTaskManager: TaskManagerAdapter {
    struct Down: Error, CustomStringConvertible { let description = "connection refused" }

    nonisolated let abilities: TaskManagerAbilities
    private var tasks: [LeasedTask] = []
    private var answer: @Sendable (TaskReport) -> Acknowledgement = { _ in .accepted }
    private var isDown = false
    private var poison: String?
    /// What was taken or refused, in order: `TASK LEASE OUTCOME`.
    private(set) var heard: [String] = []
    private(set) var batches: [[String]] = []
    private(set) var hasShutDown = false

    init(abilities: TaskManagerAbilities = []) {
        self.abilities = abilities
    }

    func hand(out new: [LeasedTask]) { tasks += new }
    func answer(_ body: @escaping @Sendable (TaskReport) -> Acknowledgement) { answer = body }
    func set(down: Bool) { isDown = down }
    func set(poison: String?) { self.poison = poison }

    func receiveTasks(limit: Int, types: [String]) async throws -> [LeasedTask] {
        defer { tasks.removeFirst(min(limit, tasks.count)) }
        return Array(tasks.prefix(limit))
    }

    func complete(_ reports: [TaskReport]) async throws -> [Acknowledgement] {
        batches.append(reports.map(\.taskID))
        if isDown || reports.contains(where: { $0.taskID == poison }) { throw Down() }
        return reports.map { report in
            let answer = answer(report)
            if case .later = answer { return answer }
            heard.append("\(report.taskID) \(report.lease.token) \(OutboxEntry.Outcome(report.outcome))")
            return answer
        }
    }

    func healthCheck() async -> HealthStatus { .healthy }

    func shutdown() async { hasShutDown = true }
}

extension LeasedTask {
    static func test(_ id: String, lease: String = "a", attempt: Int = 1) -> LeasedTask {
        LeasedTask(
            task: WorkerTask(
                id: id, type: "T", params: .emptyObject, metadata: TaskMetadata(attempt: attempt)),
            lease: Lease(token: lease))
    }

    func report(_ outcome: TaskReport.Outcome = .succeeded(TaskResult(value: .emptyObject))) -> TaskReport {
        TaskReport(
            taskID: task.id, lease: lease, outcome: outcome,
            attempt: AttemptRecord(worker: "w", number: task.metadata.attempt))
    }
}
