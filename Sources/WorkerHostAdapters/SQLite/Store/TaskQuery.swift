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
            let codes = filter.statuses.flatMap(\.codes).map(\.rawValue).sorted()
            // Written out, so that the partial indexes of single states can be used.
            conditions.append(
                codes.count == 1
                    ? "t.status = \(codes[0])" : "t.status IN (\(codes.map(String.init).joined(separator: ",")))")
            if filter.statuses.count == 1, filter.statuses.allSatisfy(\.isFinished) {
                conditions.append("t.status >= 3")
            }
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
    fileprivate var codes: [RowStatus] {
        switch self {
        case .pending: [.ready, .delayed]
        case .running: [.running]
        case .completed: [.completed]
        case .failed: [.failed]
        }
    }
}
