import GRDB
import WorkerHostCore

/// Makes tasks claimable again whose delay is over or whose host fell silent. Only inside a write transaction.
///
/// At most ``batch`` tasks at a time, so that no claim holds the write lock for long; the next claim goes on.
enum Recovery {
    static let batch = 1000

    /// - Returns: how many tasks became claimable.
    static func promoteDue(_ db: Database, now: Timestamp) throws -> Int {
        try db.cachedStatement(
            sql: """
                UPDATE tasks SET status = 0 WHERE id IN (
                    SELECT id FROM tasks WHERE status = 1 AND not_before <= ? ORDER BY not_before LIMIT ?)
                """
        ).execute(arguments: [now.microseconds, batch])
        return db.changesCount
    }

    /// Takes back leases that were not extended in time.
    /// - Returns: how many tasks became claimable, and how many were finished because they had been cancelled.
    static func takeBackExpired(
        _ db: Database, now: Timestamp, _ change: inout CountChange
    ) throws -> (returned: Int, cancelled: Int) {
        let expired = try Row.fetchAll(
            try db.cachedStatement(
                sql: """
                    SELECT id, attempts, lease_owner, lease_expires_at, claims FROM tasks
                    WHERE status = 2 AND lease_expires_at <= ? ORDER BY lease_expires_at LIMIT ?
                    """), arguments: [now.microseconds, batch])
        var cancelled = 0
        for row in expired {
            let owner: String? = row[2]
            let expiry = Timestamp(microseconds: row[3])
            if let request = try Cancellation.request(for: row[0], claim: row[4], db) {
                let silence = "its host '\(owner ?? "")' went silent, and its lease ended at \(expiry)"
                try Cancellation.end(
                    row[0], attempt: row[1], "the task was cancelled; \(silence)", reason: request.reason, db, now)
                cancelled += 1
                continue
            }
            try db.cachedStatement(sql: returned).execute(arguments: [0, 1, row[0] as Int64])
            try Timeline.add(
                db, task: row[0], at: now, attempt: row[1], kind: "lease_expired",
                message: "the host '\(owner ?? "")' went silent: its lease ended at \(expiry) without an outcome; "
                    + "the task is claimable again")
        }
        change.move(expired.count - cancelled, from: \.running, to: \.pending)
        change.move(cancelled, from: \.running, to: \.failed)
        return (expired.count - cancelled, cancelled)
    }

    /// Gives a task back whose lease is lost: the owner is forgotten, so that a late report under the lease is refused.
    /// Arguments: attempts given back, deaths, id.
    static let returned = """
        UPDATE tasks SET status = 0, attempts = max(0, attempts - ?), deaths = deaths + ?, lease_owner = NULL,
            lease_expires_at = NULL WHERE id = ?
        """

    /// After the wall clock was set back, leases from before seem to last far into the future: they are cut to their
    /// own length, in which a living host extends them.
    static func clampLeases(_ db: Database, now: Timestamp, leaseDuration: Duration) throws {
        let plausible = now.advanced(by: leaseDuration * 2).microseconds
        try db.cachedStatement(
            sql: """
                UPDATE tasks SET lease_expires_at = ? + lease_length
                WHERE status = 2 AND lease_expires_at > ? AND lease_expires_at > ? + 2 * lease_length
                """
        ).execute(arguments: [now.microseconds, plausible, now.microseconds])
    }

    /// Settles what a dead host left behind.
    static func recover(_ host: DeadHost, _ db: Database, now: Timestamp) throws {
        let started = Set(host.started)
        var change = CountChange()
        var cancelled = 0
        let rows = try Row.fetchAll(
            db, sql: "SELECT id, attempts, claims FROM tasks WHERE status = 2 AND lease_owner = ?",
            arguments: [host.id])
        for row in rows {
            let id: Int64 = row[0]
            let token = LeaseToken(owner: host.id, claim: row[2]).text
            if let request = try Cancellation.request(for: id, claim: row[2], db) {
                try Cancellation.end(
                    id, attempt: row[1], "the task was cancelled; its host '\(host.id)' died before it had ended it",
                    reason: request.reason, db, now)
                cancelled += 1
                continue
            }
            let wasStarted = started.contains(.init(taskID: String(id), leaseToken: token))
            try db.cachedStatement(sql: returned).execute(arguments: wasStarted ? [0, 1, id] : [1, 0, id])
            try Timeline.add(
                db, task: id, at: now, attempt: row[1], kind: wasStarted ? "host_died" : "released",
                message: wasStarted
                    ? "the host '\(host.id)' died while the task ran; the attempt is spent"
                    : "the host '\(host.id)' died before the task was started, or before its outcome was reported; no attempt is spent"
            )
        }
        change.move(rows.count - cancelled, from: \.running, to: \.pending)
        change.move(cancelled, from: \.running, to: \.failed)
        try change.write(db)
        try db.execute(sql: "DELETE FROM hosts WHERE id = ?", arguments: [host.id])
    }
}
