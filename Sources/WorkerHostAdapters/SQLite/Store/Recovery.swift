import GRDB
import WorkerHostCore

/// Makes tasks claimable again whose delay is over or whose host fell silent. Only inside a write transaction.
///
/// At most ``batch`` tasks at a time, so that no claim holds the write lock for long; the next claim goes on.
enum Recovery {
    static let batch = 1000

    /// - Returns: how many tasks became claimable.
    static func promoteDue(_ db: Database, now: Timestamp) throws -> Int {
        let due = try Int64.fetchAll(
            try db.cachedStatement(
                sql: "SELECT id FROM task_rows WHERE status = 1 AND not_before <= ? ORDER BY not_before LIMIT ?"),
            arguments: [now.microseconds, batch])
        for id in due {
            try db.cachedStatement(sql: "UPDATE task_rows SET status = 0 WHERE id = ?").execute(arguments: [id])
            try ReadyTasks.insert(id, db)
        }
        return due.count
    }

    /// Takes back leases that were not extended in time.
    /// - Returns: how many tasks became claimable, and how many were finished because they had been cancelled.
    static func takeBackExpired(
        _ db: Database, now: Timestamp, _ change: inout CountChange
    ) throws -> (returned: Int, cancelled: Int) {
        let expired = try RunningTask.expired(at: now, limit: batch, db)
        var cancelled = 0
        for task in expired {
            let (owner, expiry) = (task.lease.owner, task.lease.expiresAt)
            if let request = try Cancellation.request(for: task.id, claim: task.claims, db) {
                let silence = "its host '\(owner)' went silent, and its lease ended at \(expiry)"
                try Cancellation.end(
                    task.id, attempt: Int(task.attempts), "the task was cancelled; \(silence)", reason: request.reason,
                    db, now)
                cancelled += 1
                continue
            }
            try giveBack(task, attempts: 0, deaths: 1, db)
            try Timeline.add(
                db, task: task.id, at: now, attempt: Int(task.attempts), kind: "lease_expired",
                message: "the host '\(owner)' went silent: its lease ended at \(expiry) without an outcome; "
                    + "the task is claimable again")
        }
        if expired.count < batch { try LeaseRow.removeEmpty(at: now, db) }
        change.move(expired.count - cancelled, from: \.running, to: \.pending)
        change.move(cancelled, from: \.running, to: \.failed)
        return (expired.count - cancelled, cancelled)
    }

    /// Gives a task back whose lease is lost: the owner is forgotten, so that a late report under the lease is refused.
    private static func giveBack(_ task: RunningTask, attempts: Int64, deaths: Int, _ db: Database) throws {
        try task.remove(db)
        try db.cachedStatement(
            sql: "UPDATE task_rows SET \(RunningTask.givenBack), deaths = deaths + ? WHERE id = ?"
        ).execute(arguments: task.values(attemptsBack: attempts, owner: nil) + [deaths, task.id])
        try ReadyTasks.insert(task.id, db)
    }

    /// After the wall clock was set back, leases from before seem to last far into the future: they are cut to their
    /// own length, in which a living host extends them.
    static func clampLeases(_ db: Database, now: Timestamp, leaseDuration: Duration) throws {
        let plausible = now.advanced(by: leaseDuration * 2).microseconds
        try db.cachedStatement(
            sql: """
                UPDATE leases SET expires_at = ? + length WHERE expires_at > ? AND expires_at > ? + 2 * length
                """
        ).execute(arguments: [now.microseconds, plausible, now.microseconds])
    }

    /// Settles what a dead host left behind.
    static func recover(_ host: DeadHost, _ db: Database, now: Timestamp) throws {
        let started = Set(host.started)
        var change = CountChange()
        var cancelled = 0
        let tasks = try RunningTask.owned(by: host.id, db)
        for task in tasks {
            let (id, attempt) = (task.id, Int(task.attempts))
            let token = LeaseToken(owner: host.id, claim: task.claims).text
            if let request = try Cancellation.request(for: id, claim: task.claims, db) {
                try Cancellation.end(
                    id, attempt: attempt, "the task was cancelled; its host '\(host.id)' died before it had ended it",
                    reason: request.reason, db, now)
                cancelled += 1
                continue
            }
            let wasStarted = started.contains(.init(taskID: String(id), leaseToken: token))
            try giveBack(task, attempts: wasStarted ? 0 : 1, deaths: wasStarted ? 1 : 0, db)
            try Timeline.add(
                db, task: id, at: now, attempt: attempt, kind: wasStarted ? "host_died" : "released",
                message: wasStarted
                    ? "the host '\(host.id)' died while the task ran; the attempt is spent"
                    : "the host '\(host.id)' died before the task was started, or before its outcome was reported; no attempt is spent"
            )
        }
        change.move(tasks.count - cancelled, from: \.running, to: \.pending)
        change.move(cancelled, from: \.running, to: \.failed)
        try change.write(db)
        try db.execute(sql: "DELETE FROM hosts WHERE id = ?", arguments: [host.id])
    }
}
