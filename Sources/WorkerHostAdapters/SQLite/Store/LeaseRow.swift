import GRDB
import WorkerHostCore

/// The lease of all tasks that were taken with one claim.
struct LeaseRow {
    let id: Int64
    let owner: String
    let claimedAt: Int64?
    let expiresAt: Timestamp

    /// Notes that so many of its tasks are not held under it any more; without tasks it is removed.
    static func settle(_ id: Int64, _ count: Int64, _ db: Database) throws {
        let settle = try HotStatement(db, sql: "UPDATE leases SET open = open - ? WHERE id = ?")
        try settle.bind(1, count)
        try settle.bind(2, id)
        try settle.run()
        let remove = try HotStatement(db, sql: "DELETE FROM leases WHERE id = ? AND open <= 0")
        try remove.bind(1, id)
        try remove.run()
    }

    /// Removes those that have ended and hold nothing, should there be any: they would be looked at again and again.
    static func removeEmpty(at now: Timestamp, _ db: Database) throws {
        try db.cachedStatement(
            sql: """
                DELETE FROM leases WHERE expires_at <= ? AND NOT EXISTS (
                    SELECT 1 FROM running WHERE running.lease_id = leases.id)
                """
        ).execute(arguments: [now.microseconds])
    }

    /// - Returns: its id.
    static func add(
        owner: String, claimedAt: Int64?, expiresAt: Timestamp, length: Duration, count: Int, _ db: Database
    ) throws -> Int64 {
        let add = try HotStatement(
            db, sql: "INSERT INTO leases (owner, claimed_at, expires_at, length, open) VALUES (?, ?, ?, ?, ?)")
        try add.bind(1, owner)
        try add.bind(2, claimedAt)
        try add.bind(3, expiresAt.microseconds)
        try add.bind(4, length.wholeMicroseconds)
        try add.bind(5, Int64(count))
        try add.run()
        return db.lastInsertedRowID
    }
}
