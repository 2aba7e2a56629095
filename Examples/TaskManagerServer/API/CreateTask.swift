import WorkerHostCore

extension API {
    /// `POST /tasks`
    func create(_ body: JSONBody) async throws -> Answer {
        let name: String, params: RawJSON
        switch Self.newTask(body, face) {
        case .failure(let refusal): return refusal.answer
        case .success(let fields): (name, params) = fields
        }
        guard let type = store.type(named: name) else { return .failure(404, "Task type not found") }
        if let problems = Self.problems(params, type, face) {
            return .failure(400, "Parameter validation failed: \(problems)")
        }
        let stored = face.stored(params: params)
        if face == .quirks, stored.bytes.count > face.largestText { return .dataTooLong("params_json") }
        let key = SHA256.hex(Array(name.utf8) + [0] + params.bytes)
        let isNull = face == .quirks && PHPValues.overflows(params)
        switch try await store.create(type, params: isNull ? .emptyObject : stored, isNull: isNull, key: key) {
        case .created(let id): return Self.created(id, type: name, key: key, face)
        case .collision where face == .quirks: return .duplicateEntry(key, key: "dedupe_key")
        case .duplicate(let id), .collision(let id):
            let status = try await store.task(Int64(id) ?? 0)?.status ?? "pending"
            return Self.deduplicated(id, status: status)
        }
    }

    static func newTask(_ body: JSONBody, _ face: Face) -> Result<(String, RawJSON), Refusal> {
        switch body["type"] {
        case .missing, .null, .string(""): return .failure(Refusal(.invalid("Task type is required")))
        case .string(let type):
            guard let params = body.raw("params"), isObject(params, face) else {
                return .failure(Refusal(.invalid("Field 'params' must be of type object")))
            }
            return .success((type.trimmed, params))
        default: return .failure(Refusal(.invalid("Field 'type' must be of type string")))
        }
    }

    /// The real server takes an object that is empty, or whose keys count from 0, for a list.
    private static func isObject(_ params: RawJSON, _ face: Face) -> Bool {
        params.isObject && (face == .documented || PHPValues.roundTrip(params).isObject)
    }

    private static func problems(_ params: RawJSON, _ type: TaskType, _ face: Face) -> String? {
        let problems =
            face == .quirks
            ? PHPValidator.problems(params, type.schema) : type.compiled?.violations(in: params) ?? []
        return problems.isEmpty ? nil : problems.joined(separator: ", ")
    }

    static func created(_ id: String, type: String, key: String, _ face: Face) -> Answer {
        var writer = JSONWriter()
        writer.add("id", raw: face.id(Int64(id) ?? 0))
        writer.add("type", type)
        writer.add("status", "pending")
        writer.add("dedupe_key", key)
        writer.add("message", "Task created successfully")
        return .success(writer.object, status: face == .documented ? 201 : 200)
    }

    static func deduplicated(_ id: String, status: String) -> Answer {
        var writer = JSONWriter()
        writer.add("id", raw: id.utf8)
        writer.add("status", status)
        writer.add("deduplicated", true)
        writer.add("message", "Task already exists (deduplicated)")
        return .success(writer.object)
    }
}

extension String {
    /// Without white space around it.
    var trimmed: String {
        String(drop { $0.isWhitespace }.reversed().drop { $0.isWhitespace }.reversed())
    }
}
