import Foundation
import WorkerHostSQLite

extension API {
    /// `GET /tasks?status=&type=&limit=&offset=`
    func tasks(_ query: String) async throws -> Answer {
        let fields = Self.fields(of: query)
        if fields.keys.contains(where: { $0.hasSuffix("[]") }), face == .quirks { return .empty }
        let limit = fields["limit"].map { Int($0) ?? 0 } ?? 50
        let offset = max(0, fields["offset"].flatMap { Int($0) } ?? 0)
        guard limit >= 0 else {
            let text = "SQLSTATE[42000]: Syntax error or access violation: 1064 You have an error in your SQL syntax"
            return face == .quirks ? .failure(500, text) : .invalid("Field 'limit' must be at least 0")
        }
        var statuses: Set<StoredTask.Status> = []
        if let status = fields["status"], !status.isEmpty {
            statuses = Set(StoredTask.Status.allCases.filter { Like(status).matches($0.shown) })
            if statuses.isEmpty { return .list([]) }
        }
        var types: [TaskType]?
        if let type = fields["type"], !type.isEmpty {
            types = store.types.filter { Like(type).matches($0.name) }
            if types?.isEmpty == true { return .list([]) }
        }
        guard limit > 0 else { return .list([]) }
        // More than anybody's page, and no overflow.
        let (most, start) = (min(limit, 1_000_000_000), min(offset, 1_000_000_000))
        return .list(
            try await store.tasks(statuses: statuses, types: types, limit: most, offset: start).map(Self.shortRow))
    }

    static func fields(of query: String) -> [String: String] {
        var fields: [String: String] = [:]
        for part in query.split(separator: "&") {
            let words = part.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map { word in
                let text = String(word.replacing("+", with: " "))
                return text.removingPercentEncoding ?? text
            }
            fields[words[0]] = words.count > 1 ? words[1] : ""
        }
        return fields
    }

    static func shortRow(_ task: TaskView) -> [UInt8] {
        var writer = JSONWriter()
        writer.add("id", Int(task.id))
        writer.add("type", task.type)
        writer.add("status", task.status)
        writer.add("priority", task.priority)
        writer.add("progress", task.progress)
        writer.add("attempts", task.attempts)
        writer.add("claimed_by", task.claimedBy)
        writer.add("created_at", task.createdAt.row)
        writer.add("completed_at", task.completedAt?.row)
        return writer.object
    }
}

extension StoredTask.Status {
    /// As this API calls it.
    var shown: String { self == .running ? "claimed" : rawValue }
}
