import Synchronization
import WorkerHostCore
import WorkerHostSQLite

extension TaskStore {
    /// Adds a task unless there is or was one with the same key.
    func create(_ type: TaskType, params: RawJSON, isNull: Bool, key: String) async throws -> CreateBatch.Outcome {
        try await creating(
            CreateBatch.Request(
                task: NewTask(
                    type: type.queueType, params: params, dedupeKey: key, dedupeScope: .forever,
                    extra: isNull ? Self.nullParams : nil)))
    }

    /// Adds `count` tasks with the parameters `{"number":n}`, fast; for benchmarks.
    func fill(_ count: Int, _ type: TaskType) async throws {
        for start in stride(from: 0, to: count, by: 5000) {
            let tasks = (start..<min(start + 5000, count)).map { number in
                let params = #"{"number":\#(number),"name":"item \#(number)"}"#
                return NewTask(type: type.queueType, params: RawJSON(unchecked: Array(params.utf8)))
            }
            _ = try await queue.enqueue(tasks)
        }
    }

    func claim(_ type: TaskType, worker: String) async throws -> ClaimBatch.Claimed? {
        try await claiming(ClaimBatch.Request(type: type, worker: worker))
    }

    /// The task of that id; nil if there is none.
    func task(_ id: Int64) async throws -> TaskView? {
        guard let task = try await queue.task(id: String(id)) else { return nil }
        return view(task)
    }

    /// Tasks in one of these states and of one of these types, the newest first.
    func tasks(
        statuses: Set<StoredTask.Status>, types: [TaskType]?, limit: Int, offset: Int
    ) async throws -> [TaskView] {
        let filter = TaskFilter(
            statuses: statuses, types: types?.map(\.queueType) ?? [], limit: limit + offset, newestFirst: true)
        return try await queue.tasks(matching: filter).dropFirst(offset).map(view)
    }

    private func view(_ task: StoredTask) -> TaskView {
        let id = Int64(task.id) ?? 0
        let (type, claim, note) = memory.state.withLock { state in
            (state.type(inQueue: task.type)?.name ?? task.type, state.claims[id], state.notes[id])
        }
        return TaskView(task, type: type, claim: claim, note: note)
    }
}
