import GRDB
import WorkerHostCore

/// The SQL of a ``DeadLetterFilter``.
///
/// Goes through `tasks_failed` in the order of the ids and reads the rows of dead letters only, in which all of them is.
struct DeadLetterQuery {
    private var conditions = ["t.status = 4"]
    private(set) var arguments: StatementArguments = []

    init(_ filter: DeadLetterFilter, _ db: Database) throws {
        if !filter.types.isEmpty {
            var catalog = TypeCatalog()
            try catalog.refresh(db)
            let ids = catalog.types(selectedBy: filter.types)
            conditions.append("t.type_id IN (\(ids.map(String.init).joined(separator: ",")))")
        }
        add("t.failure_kind", filter.kinds)
        add("t.failure_type", filter.errorTypes)
        if let worker = filter.worker { add("t.worker", [worker]) }
        if let until = filter.failedUntil { add("t.finished_at <= ?", until.microseconds) }
        if let since = filter.failedSince { add("t.finished_at >= ?", since.microseconds) }
    }

    private mutating func add(_ column: String, _ values: [String]) {
        guard !values.isEmpty else { return }
        conditions.append("\(column) IN (\(Array(repeating: "?", count: values.count).joined(separator: ",")))")
        arguments += StatementArguments(values)
    }

    private mutating func add(_ condition: String, _ value: Int64) {
        conditions.append(condition)
        arguments += [value]
    }

    /// Only those behind this id, in the order of the answer.
    mutating func begin(behind id: Int64?, newestFirst: Bool) {
        guard let id else { return }
        add(newestFirst ? "t.id < ?" : "t.id > ?", id)
    }

    private var place: String { " WHERE " + conditions.joined(separator: " AND ") }

    /// The whole tasks.
    func tasks(newestFirst: Bool, limit: Int) -> String {
        StoredTask.rowSelection + place + " ORDER BY t.id\(newestFirst ? " DESC" : "") LIMIT \(limit)"
    }

    /// The ids, the oldest first.
    func ids(limit: Int) -> String { "SELECT t.id FROM task_rows t" + place + " ORDER BY t.id LIMIT \(limit)" }

    /// What ``DeadLetterCauses`` counts.
    var causes: String {
        """
        SELECT t.id, t.type_id, t.failure_kind, t.failure_type, t.finished_at, t.attempts, t.deaths FROM task_rows t
        """ + place
    }
}
