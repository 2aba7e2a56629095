import GRDB
import WorkerHostCore

/// The leased tasks of one transaction of reports: what nearly every task comes by, so each lease is read once, and noted
/// once how many tasks it has lost.
struct HeldTasks {
    static let find = "SELECT lease_id, attempts, is_plain FROM running WHERE task_id = ? AND claims = ?"
    static let delete = "DELETE FROM running WHERE task_id = ?"

    private let db: Database
    private let finding: HotStatement
    private let deleting: HotStatement
    /// The lease of the task before, and how many of its tasks were taken.
    private var lease: LeaseRow?
    private var taken: Int64 = 0

    init(_ db: Database) throws {
        self.db = db
        finding = try HotStatement(db, sql: Self.find)
        deleting = try HotStatement(db, sql: Self.delete)
    }

    /// Takes a task from those that run; nil if it does not run under this lease.
    mutating func take(_ id: Int64, _ token: LeaseToken) throws -> RunningTask? {
        var found: (lease: Int64, attempts: Int64, isPlain: Bool)?
        try finding.bind(1, id)
        try finding.bind(2, token.claim)
        try finding.run { found = (finding.integer(0), finding.integer(1), finding.integer(2) != 0) }
        guard let found else { return nil }
        if lease?.id != found.lease { try turn(to: found.lease) }
        guard let lease, lease.owner == token.owner else { return nil }
        try deleting.bind(1, id)
        try deleting.run()
        taken += 1
        return RunningTask(
            id: id, lease: lease, attempts: found.attempts, claims: token.claim, isPlain: found.isPlain)
    }

    private mutating func turn(to id: Int64) throws {
        try settle()
        lease = try Row.fetchOne(
            try db.cachedStatement(sql: "SELECT id, owner, claimed_at, expires_at FROM leases WHERE id = ?"),
            arguments: [id]
        ).map { LeaseRow(id: $0[0], owner: $0[1], claimedAt: $0[2], expiresAt: Timestamp(microseconds: $0[3])) }
    }

    /// To be called at the end.
    mutating func settle() throws {
        if let lease, taken > 0 { try LeaseRow.settle(lease.id, taken, db) }
        taken = 0
    }
}
