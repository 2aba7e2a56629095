import GRDB
import WorkerHostCore

/// A task that is leased, and the claim under which it is. Only inside a write transaction.
struct RunningTask {
    let id: Int64
    let lease: LeaseRow
    let attempts: Int64
    let claims: Int64
    /// Whether it has nothing behind it but this attempt.
    let isPlain: Bool

    private static let columns = """
        SELECT r.task_id, r.attempts, r.claims, r.is_plain, l.id, l.owner, l.claimed_at, l.expires_at
        """

    private init(_ row: Row) {
        id = row[0]
        attempts = row[1]
        claims = row[2]
        isPlain = row[3]
        lease = LeaseRow(
            id: row[4], owner: row[5], claimedAt: row[6], expiresAt: Timestamp(microseconds: row[7]))
    }

    init(id: Int64, lease: LeaseRow, attempts: Int64, claims: Int64, isPlain: Bool) {
        self.id = id
        self.lease = lease
        self.attempts = attempts
        self.claims = claims
        self.isPlain = isPlain
    }

    static let one = columns + " FROM running r CROSS JOIN leases l ON l.id = r.lease_id WHERE r.task_id = ?"

    /// Those whose lease has ended. There are such leases only until their tasks are taken back.
    static let expired =
        columns + """
             FROM leases l CROSS JOIN running r ON r.lease_id = l.id WHERE l.expires_at <= ? ORDER BY l.expires_at LIMIT ?
            """

    static let owned = columns + " FROM leases l CROSS JOIN running r ON r.lease_id = l.id WHERE l.owner = ?"

    /// nil if the task is not leased.
    static func find(_ id: Int64, _ db: Database) throws -> RunningTask? {
        try Row.fetchOne(try db.cachedStatement(sql: one), arguments: [id]).map(RunningTask.init)
    }

    static func expired(at now: Timestamp, limit: Int, _ db: Database) throws -> [RunningTask] {
        try Row.fetchAll(try db.cachedStatement(sql: expired), arguments: [now.microseconds, limit])
            .map(RunningTask.init)
    }

    static func owned(by owner: String, _ db: Database) throws -> [RunningTask] {
        try Row.fetchAll(try db.cachedStatement(sql: owned), arguments: [owner]).map(RunningTask.init)
    }

    /// Takes the task from those that run; its place is the caller's to give.
    func remove(_ db: Database) throws {
        try db.cachedStatement(sql: HeldTasks.delete).execute(arguments: [id])
        try LeaseRow.settle(lease.id, 1, db)
    }
}
