import GRDB
import WorkerHostCore

/// Counts dead letters by what they failed of.
///
/// Reads them one after the other and keeps one entry for each cause: SQLite's own grouping would sort them all first.
struct DeadLetterCauses {
    private struct Key: Hashable {
        let typeID: Int64
        let kind: String
        let errorType: String
    }

    /// The causes, the most frequent first.
    static func count(_ filter: DeadLetterFilter, _ db: Database) throws -> [DeadLetterCause] {
        let query = try DeadLetterQuery(filter, db)
        var catalog = TypeCatalog()
        try catalog.refresh(db)
        var causes: [Key: DeadLetterCause] = [:]
        let rows = try Row.fetchCursor(db, sql: query.causes, arguments: query.arguments)
        while let row = try rows.next() {
            let kind: String = row[2] ?? ""
            let key = Key(typeID: row[1], kind: kind, errorType: row[3] ?? kind)
            let id = String(row[0] as Int64)
            let time = row.timestamp(at: 4) ?? Timestamp(microseconds: 0)
            let isPoison = StoredTask.isPoison(errorType: key.errorType, attempts: row[5], deaths: row[6])
            var cause =
                causes[key]
                ?? DeadLetterCause(
                    kind: kind, errorType: key.errorType, type: catalog.names[key.typeID] ?? "", count: 0, poison: 0,
                    newest: time, example: id)
            cause.count += 1
            if isPoison { cause.poison += 1 }
            if time >= cause.newest {
                cause.newest = time
                cause.example = id
            }
            causes[key] = cause
        }
        return causes.values.sorted {
            ($1.count, $0.type, $0.kind, $0.errorType) < ($0.count, $1.type, $1.kind, $1.errorType)
        }
    }
}
