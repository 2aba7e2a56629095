import WorkerHostCore
import WorkerHostSQLite

/// A task as this API shows it.
struct TaskView: Sendable {
    let id: Int64
    let type: String
    /// `pending`, `claimed`, `completed`, `failed`.
    let status: String
    let params: RawJSON
    let result: RawJSON?
    let error: String?
    let priority: Int
    let progress: Int
    let attempts: Int
    let claimedBy: String?
    let claimedAt: Timestamp?
    let completedAt: Timestamp?
    let createdAt: Timestamp

    init(_ task: StoredTask, type: String, claim: Claims.Claim?, note: TaskNote?) {
        id = Int64(task.id) ?? 0
        self.type = type
        status = task.status == .running ? "claimed" : task.status.rawValue
        params = task.hasNullParams ? .null : task.params
        result = task.result.flatMap { $0.isNull ? nil : $0 } ?? note?.partial
        let failure = task.failure?.message ?? note?.error
        error = failure?.isEmpty == true ? nil : failure
        priority = task.priority
        progress = note?.progress ?? 0
        attempts = claim?.attempt ?? task.attempts + (note?.handedOn ?? 0)
        // The queue remembers as worker who reported; a task that is pending again belongs to nobody.
        claimedBy = task.status == .running ? claim?.worker : task.status == .pending ? nil : task.worker
        claimedAt = task.status == .pending ? nil : claim?.at ?? task.claimedAt
        completedAt = task.finishedAt
        createdAt = task.createdAt
    }
}

extension StoredTask {
    /// Whether it was created with parameters that the real server loses.
    var hasNullParams: Bool { extra == TaskStore.nullParams }
}
