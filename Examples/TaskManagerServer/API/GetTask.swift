import WorkerHostCore

extension API {
    /// `GET /tasks/{id}`
    func task(_ path: String) async throws -> Answer {
        var task: TaskView?
        if let id = face.taskID(path) { task = try await store.task(id) }
        guard face == .quirks else {
            return task.map { .success(Self.row($0)) } ?? .failure(404, "Task not found")
        }
        // A list, and never 404.
        return .list(task.map { [Self.row($0)] } ?? [])
    }

    static func row(_ task: TaskView) -> [UInt8] {
        var writer = JSONWriter()
        writer.add("id", Int(task.id))
        writer.add("type", task.type)
        writer.add("status", task.status)
        writer.add("params", raw: task.params.bytes)
        writer.add("result", raw: task.result?.bytes ?? Array("null".utf8))
        writer.add("error_message", task.error)
        writer.add("priority", task.priority)
        writer.add("progress", task.progress)
        writer.add("attempts", task.attempts)
        writer.add("claimed_by", task.claimedBy)
        writer.add("claimed_at", task.claimedAt?.row)
        writer.add("completed_at", task.completedAt?.row)
        writer.add("created_at", task.createdAt.row)
        return writer.object
    }
}
