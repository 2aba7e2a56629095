import WorkerHostSQLite

/// Adds tasks, many at once.
struct CreateBatch: Sendable {
    struct Request: Sendable {
        let task: NewTask
    }

    enum Outcome: Sendable {
        case created(id: String)
        /// There was one with these parameters already.
        case duplicate(id: String)
        /// There is another one with these parameters in the same batch.
        case collision(id: String)
    }

    let queue: SQLiteTaskManager

    func callAsFunction(_ requests: [Request]) async throws -> [Outcome] {
        var seen: Set<String> = []
        let isFirst = requests.map { $0.task.dedupeKey.map { seen.insert($0).inserted } ?? true }
        let tasks = try await queue.enqueue(requests.map(\.task))
        return zip(tasks, isFirst).map { task, isFirst in
            if !task.wasDuplicate { return .created(id: task.id) }
            return isFirst ? .duplicate(id: task.id) : .collision(id: task.id)
        }
    }
}
