import WorkerHostCore

extension API {
    /// `POST /task-types/register`
    func register(_ body: JSONBody) async throws -> Answer {
        let name: String, version: String, schema: RawJSON
        switch Self.registration(body, face) {
        case .failure(let refusal): return refusal.answer
        case .success(let fields): (name, version, schema) = fields
        }
        switch try await store.register(name, version: version, schema: face.stored(params: schema)) {
        case .created(let type): return Self.registered(type, as: name, isNew: true, face)
        case .updated(let type): return Self.registered(type, as: name, isNew: false, face)
        case .collision: return .duplicateEntry(name, key: "name")
        }
    }

    static func registration(
        _ body: JSONBody, _ face: Face
    ) -> Result<(String, String, RawJSON), Refusal> {
        for field in ["name", "version", "param_schema"] where body[field].isAbsent || body[field] == .string("") {
            return .failure(Refusal(.failure(400, "Missing required field: \(field)")))
        }
        guard case .string(let name) = body["name"], case .string(let version) = body["version"] else {
            return .failure(
                Refusal(face == .quirks ? .empty : .invalid("Fields 'name' and 'version' must be of type string")))
        }
        if name.count > 255 { return .failure(Refusal(tooLong("name", face))) }
        if version.count > 50 { return .failure(Refusal(tooLong("version", face))) }
        // As an object, or as a text that holds one.
        var schema = body.raw("param_schema") ?? .null
        if case .string(let text) = body["param_schema"] { schema = RawJSON(unchecked: Array(text.utf8)) }
        guard let parsed = JSONBody(schema.bytes), parsed.isObject else {
            return .failure(Refusal(.failure(400, "Invalid JSON schema format")))
        }
        guard parsed["type"] != .missing else {
            return .failure(Refusal(.failure(400, "JSON schema must have a \"type\" property")))
        }
        return .success((name, version, schema))
    }

    private static func tooLong(_ field: String, _ face: Face) -> Answer {
        face == .quirks ? .dataTooLong(field) : .invalid("Field '\(field)' is too long")
    }

    static func registered(_ type: TaskType, as name: String, isNew: Bool, _ face: Face) -> Answer {
        var writer = JSONWriter()
        if isNew { writer.add("id", raw: face.id(type.id)) } else { writer.add("id", type.id) }
        // As it was sent, which may differ from what is stored in upper and lower case.
        writer.add("name", name)
        writer.add("version", type.version)
        writer.add(isNew ? "created" : "updated", true)
        return .success(writer.object, status: isNew && face == .documented ? 201 : 200)
    }
}

/// An answer that refuses a request.
struct Refusal: Error {
    let answer: Answer

    init(_ answer: Answer) { self.answer = answer }
}
