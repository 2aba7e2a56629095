extension API {
    /// `POST /tasks/{id}/progress`
    func progress(_ path: String, _ body: JSONBody) async throws -> Answer {
        let worker: String, percent: Int
        switch Self.progressFields(body) {
        case .failure(let refusal): return refusal.answer
        case .success(let fields): (worker, percent) = fields
        }
        guard let id = face.taskID(path) else { return .failure(404, "Task not found") }
        if let refusal = try await store.progress(id, worker: worker, percent: percent) { return Self.refused(refusal) }
        return Self.noted(path, percent: percent, face)
    }

    static func progressFields(_ body: JSONBody) -> Result<(String, Int), Refusal> {
        let worker: String
        switch workerID(body) {
        case .failure(let refusal): return .failure(refusal)
        case .success(let id): worker = id
        }
        switch body["progress"] {
        case .missing, .null: return .failure(Refusal(.invalid("Progress must be between 0 and 100")))
        case .integer(0...100): return .success((worker, body["progress"].integer ?? 0))
        case .integer(101...): return .failure(Refusal(.invalid("Field 'progress' must be at most 100")))
        case .integer: return .failure(Refusal(.invalid("Field 'progress' must be at least 0")))
        default: return .failure(Refusal(.invalid("Field 'progress' must be of type integer")))
        }
    }

    static func noted(_ id: String, percent: Int, _ face: Face) -> Answer {
        var writer = JSONWriter()
        writer.addTask(id, face)
        writer.add("progress", percent)
        writer.add("message", "Task progress updated successfully")
        return .success(writer.object)
    }

    /// Why a report was not taken.
    static func refused(_ reply: TaskStore.Reply) -> Answer {
        switch reply {
        case .noSuchTask: .failure(404, "Task not found")
        case .otherWorker: .failure(403, "Task is claimed by another worker")
        case .notClaimed, .taken: .failure(400, "Task is not in claimed state")
        }
    }
}

extension JSONWriter {
    /// The id as it stood in the path; the documentation promises a number.
    mutating func addTask(_ path: String, _ face: Face) {
        if face == .quirks { add("id", path) } else { add("id", raw: path.utf8) }
    }
}
