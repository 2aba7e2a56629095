import WorkerHostCore

extension API {
    /// `GET /task-types/{name}`
    func type(_ name: String) -> Answer {
        let type = store.type(named: name)
        guard face == .quirks else {
            return type.map { .success(Self.row($0)) } ?? .failure(404, "Task type not found")
        }
        // A list, and never 404.
        return .list(type.map { [Self.row($0)] } ?? [])
    }

    /// `GET /task-types`
    func listTypes() -> Answer {
        guard face == .documented else {
            return .failure(500, "Invalid select field: COALESCE(t.usage_count, 0) as usage_count")
        }
        return .list(store.types.map(Self.row))
    }

    static func row(_ type: TaskType) -> [UInt8] {
        var writer = JSONWriter()
        writer.add("id", type.id)
        writer.add("name", type.name)
        writer.add("version", type.version)
        writer.add("param_schema", raw: type.schema.bytes)
        writer.add("is_active", 1)
        writer.add("created_at", type.createdAt.row)
        writer.add("updated_at", type.updatedAt.row)
        return writer.object
    }
}

extension Answer {
    /// Rows and how many they are.
    static func list(_ rows: [[UInt8]]) -> Answer {
        var writer = JSONWriter()
        writer.add("items", raw: JSONWriter.list(rows))
        writer.add("count", rows.count)
        return success(writer.object)
    }
}
