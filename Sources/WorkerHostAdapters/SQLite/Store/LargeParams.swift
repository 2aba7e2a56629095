import Foundation
import GRDB
import WorkerHostCore

/// Parameters that are too large to be written again with each change of their task.
enum LargeParams {
    /// The largest value that is stored, in bytes; SQLite's own limit is a little under 1 GB for a whole row.
    static let maximum = 256 << 20

    static func fetch(_ db: Database, task: Int64) throws -> RawJSON {
        let rows = try Row.fetchCursor(
            try db.cachedStatement(sql: "SELECT params FROM large_params WHERE task_id = ?"), arguments: [task])
        let params = try rows.next()?.json(at: 0)
        return params ?? .emptyObject
    }

    static func store(_ params: RawJSON, _ db: Database, task: Int64) throws {
        try db.cachedStatement(sql: "INSERT INTO large_params (task_id, params) VALUES (?, ?)")
            .execute(arguments: [task, Data(params.bytes)])
    }
}

extension Row {
    /// A value that was stored as the bytes of a JSON text.
    func json(at index: Int) throws -> RawJSON? {
        try withUnsafeData(atIndex: index) { data in data.map { RawJSON(unchecked: Array($0)) } }
    }

    func timestamp(at index: Int) -> Timestamp? {
        let microseconds: Int64? = self[index]
        return microseconds.map(Timestamp.init(microseconds:))
    }
}
