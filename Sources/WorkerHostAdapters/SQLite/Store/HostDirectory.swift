import GRDB
import WorkerHostCore

/// The hosts that work on the file, and which task types they have workers for.
///
/// Kept so that a task is failed as "no worker" only when none of them could run it.
struct HostDirectory {
    /// When this host's row was written last.
    private var lastSeen: Timestamp?

    mutating func register(_ host: HostIdentity, _ db: Database, now: Timestamp) throws {
        // Selectors contain no white space. A JSON encoder would cost the process 2 MB of memory.
        let selectors = host.types.joined(separator: "\n")
        try db.cachedStatement(
            sql: """
                INSERT INTO hosts (id, pid, selectors, started_at, seen_at) VALUES (?, ?, ?, ?, ?)
                ON CONFLICT (id) DO UPDATE SET selectors = excluded.selectors, seen_at = excluded.seen_at
                """
        ).execute(arguments: [host.id, Int64(host.pid), selectors, now.microseconds, now.microseconds])
        lastSeen = now
    }

    mutating func remove(_ id: String, _ db: Database) throws {
        try db.execute(sql: "DELETE FROM hosts WHERE id = ?", arguments: [id])
    }

    /// Says that the host lives, unless it said so less than `interval` ago. Only inside a write transaction.
    mutating func refresh(_ host: HostIdentity, _ db: Database, now: Timestamp, every interval: Duration) throws {
        guard isDue(now: now, every: interval) else { return }
        try register(host, db, now: now)
    }

    /// Also after a step of the clock backwards.
    func isDue(now: Timestamp, every interval: Duration) -> Bool {
        guard let lastSeen else { return true }
        return now < lastSeen || lastSeen.duration(to: now) >= interval
    }

    /// The selections of all hosts that were seen since `time`, this one included.
    static func selections(_ db: Database, seenSince time: Timestamp) throws -> [TaskTypeSelection] {
        let texts = try String.fetchAll(
            db, sql: "SELECT selectors FROM hosts WHERE seen_at >= ?", arguments: [time.microseconds])
        return texts.map { TaskTypeSelection($0.split(separator: "\n").map(String.init)) }
    }
}
