import GRDB
import WorkerHostCore

/// The task types that the file knows, and what selectors mean among them.
///
/// Types are only ever added, with growing ids: one look at the largest id tells whether anything is new.
struct TypeCatalog {
    private(set) var newest: Int64 = 0
    private(set) var names: [Int64: String] = [:]
    private var ids: [String: Int64] = [:]
    private var selections: [[String]: [Int64]] = [:]

    mutating func refresh(_ db: Database) throws {
        let statement = try db.cachedStatement(sql: "SELECT max(id) FROM task_types")
        let newest = try Int64.fetchOne(statement) ?? 0
        guard newest != self.newest else { return }
        let rows = try Row.fetchCursor(
            try db.cachedStatement(sql: "SELECT id, name FROM task_types WHERE id > ?"), arguments: [self.newest])
        while let row = try rows.next() {
            learn(row[0], row[1])
        }
    }

    /// The ids of all known types that the selectors select.
    mutating func types(selectedBy selectors: [String]) -> [Int64] {
        if let known = selections[selectors] { return known }
        let selection = TaskTypeSelection(selectors)
        let selected = names.filter { selection.matches($0.value) }.keys.sorted()
        // A host has few selections; many mean that somebody makes them up, and then nothing is gained by keeping them.
        if selections.count >= 64 { selections.removeAll() }
        selections[selectors] = selected
        return selected
    }

    /// The id of a type, which is added if it is new. Only inside a write transaction.
    mutating func id(of name: String, _ db: Database) throws -> Int64 {
        if let id = ids[name] { return id }
        try refresh(db)
        if let id = ids[name] { return id }
        try db.execute(sql: "INSERT INTO task_types (name) VALUES (?)", arguments: [name])
        let id = db.lastInsertedRowID
        learn(id, name)
        return id
    }

    /// Forgets everything: after a transaction was rolled back, types that it added do not exist.
    mutating func reset() {
        self = TypeCatalog()
    }

    private mutating func learn(_ id: Int64, _ name: String) {
        names[id] = name
        ids[name] = id
        newest = max(newest, id)
        selections.removeAll()
    }
}
