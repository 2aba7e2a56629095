import GRDB
import WorkerHostCore

/// The SQL of a ``TaskFilter``.
struct TaskQuery {
    private var conditions: [String] = []
    private(set) var arguments: StatementArguments = []
    private let filter: TaskFilter
    private var selection = StoredTask.selection

    init(_ filter: TaskFilter) {
        self.filter = filter
        if !filter.statuses.isEmpty {
            conditions.append("(" + filter.statuses.map(\.condition).sorted().joined(separator: " OR ") + ")")
        }
        if let after = filter.after.flatMap(Int64.init) {
            conditions.append(filter.newestFirst ? "t.id < ?" : "t.id > ?")
            arguments += [after]
        }
    }

    /// Asks for the progress of tasks too.
    mutating func addProgress(_ db: Database) throws { selection = try StoredTask.selection(db) }

    mutating func restrictTypes(_ selectors: [String], _ db: Database) throws {
        guard !selectors.isEmpty else { return }
        var catalog = TypeCatalog()
        try catalog.refresh(db)
        let ids = catalog.types(selectedBy: selectors)
        conditions.append("t.type_id IN (\(ids.map(String.init).joined(separator: ",")))")
    }

    var sql: String {
        let place = conditions.isEmpty ? "" : " WHERE " + conditions.joined(separator: " AND ")
        let order = filter.newestFirst ? " ORDER BY t.id DESC" : " ORDER BY t.id"
        return selection + place + order + " LIMIT \(filter.limit)"
    }
}

extension StoredTask.Status {
    /// Looks where the tasks of the state are, and at no others; but for completed ones, which are most as a rule.
    fileprivate var condition: String {
        switch self {
        case .pending: "t.id IN (SELECT task_id FROM ready UNION ALL SELECT id FROM task_rows WHERE status = 1)"
        case .running: "t.id IN (SELECT task_id FROM running)"
        case .completed: "EXISTS (SELECT 1 FROM done WHERE done.task_id = t.id)"
        case .failed: "t.id IN (SELECT id FROM task_rows WHERE status = 4)"
        }
    }
}
