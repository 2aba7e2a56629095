import WorkerHostCore

extension API {
    /// `POST /tasks/claim`
    func claim(_ body: JSONBody) async throws -> Answer {
        let worker: String, typeID: Int
        switch Self.claimFields(body, face) {
        case .failure(let refusal): return refusal.answer
        case .success(let fields): (worker, typeID) = fields
        }
        guard let type = store.type(id: typeID) else { return Self.none(face) }
        if let pattern = body["type_pattern"].text, !Like(pattern).matches(type.name) { return Self.none(face) }
        guard let task = try await store.claim(type, worker: worker) else { return Self.none(face) }
        return Self.claimed(task)
    }

    static func claimFields(_ body: JSONBody, _ face: Face) -> Result<(String, Int), Refusal> {
        let worker: String
        switch workerID(body) {
        case .failure(let refusal): return .failure(refusal)
        case .success(let id): worker = id
        }
        if worker.count > 255 {
            return .failure(Refusal(face == .quirks ? .dataTooLong("claimed_by") : .invalid("Worker ID is too long")))
        }
        if let refusal = sorting(body, face) { return .failure(Refusal(refusal)) }
        switch body["task_type_id"] {
        case .missing, .null, .integer(0), .string(""), .string("0"), .bool(false):
            return .failure(Refusal(.failure(400, "Missing required field: task_type_id")))
        case .integer(let id) where id > 0: return .success((worker, id))
        case .string(let text) where (Int(text) ?? 0) > 0: return .success((worker, Int(text) ?? 0))
        // As PHP makes an int of them.
        case .number(let value) where face == .quirks && value >= 1 && value < 1e9:
            return .success((worker, Int(value)))
        case .array where face == .quirks, .bool(true) where face == .quirks: return .success((worker, 1))
        default: return .failure(Refusal(.failure(400, "task_type_id must be a positive integer")))
        }
    }

    /// A worker's name without white space around it.
    static func workerID(_ body: JSONBody) -> Result<String, Refusal> {
        switch body["worker_id"] {
        case .missing, .null: return .failure(Refusal(.invalid("Worker ID is required")))
        case .string(let text):
            let id = text.trimmed
            return id.isEmpty ? .failure(Refusal(.invalid("Worker ID is required"))) : .success(id)
        default: return .failure(Refusal(.invalid("Field 'worker_id' must be of type string")))
        }
    }

    private static func sorting(_ body: JSONBody, _ face: Face) -> Answer? {
        let fields = ["created_at", "priority", "id", "attempts"]
        switch body["sort_by"] {
        case .missing, .null: break
        case .string(let field) where fields.contains(field): break
        case .array where face == .quirks, .object where face == .quirks: return .empty
        default:
            return .failure(400, "Invalid sort_by field. Allowed values: \(fields.joined(separator: ", "))")
        }
        switch body["sort_order"] {
        case .missing, .null: return nil
        case .string(let order) where ["ASC", "DESC"].contains(order.uppercased()): return nil
        default: return .failure(400, "Invalid sort_order. Allowed values: ASC, DESC")
        }
    }

    /// There is no task: the real server's answer is a mistake of its error handling.
    static func none(_ face: Face) -> Answer {
        face == .quirks
            ? .failure(500, "There is no active transaction") : .failure(404, "No available tasks")
    }

    static func claimed(_ task: ClaimBatch.Claimed) -> Answer {
        var writer = JSONWriter()
        writer.add("id", Int(task.id))
        writer.add("type", task.type)
        writer.add("params", raw: task.params.bytes)
        writer.add("attempts", task.attempt)
        writer.add("priority", task.priority)
        writer.add("message", "Task claimed successfully")
        return .success(writer.object)
    }
}
