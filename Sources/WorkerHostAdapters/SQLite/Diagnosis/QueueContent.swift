import GRDB
import WorkerHostCore

/// What the doctor reads from a queue file.
struct QueueContent: Sendable {
    /// Larger files are not read from one end to the other.
    private static let checkedSize: Int64 = 64 << 20

    let overview: QueueOverview
    /// What each host on the list has workers for.
    let selectors: [String: [String]]
    /// Whether the next start changes the tables.
    let needsMigration: Bool
    /// What SQLite says is damaged; nil if nothing is, or the file is too large to be looked through.
    let damage: String?
    /// The newest time that is stored.
    let newest: Timestamp?

    init(_ db: Database, overview: QueueOverview) throws {
        self.overview = overview
        needsMigration = try !Schema.migrator.hasCompletedMigrations(db)
        var selectors: [String: [String]] = [:]
        for row in try Row.fetchAll(db, sql: "SELECT id, selectors FROM hosts") {
            selectors[row[0]] = (row[1] as String).split(separator: "\n").map(String.init)
        }
        self.selectors = selectors
        var said: String?
        if overview.storage.totalSize <= Self.checkedSize {
            said = try String.fetchOne(db, sql: "PRAGMA quick_check(1)")
        }
        damage = said == "ok" ? nil : said
        // Ids grow with time: the last rows are the newest.
        let times = try [
            "SELECT max(seen_at) FROM hosts", "SELECT created_at FROM tasks ORDER BY id DESC LIMIT 1",
            "SELECT at FROM timeline ORDER BY id DESC LIMIT 1",
        ].compactMap { try Int64.fetchOne(db, sql: $0) }
        newest = times.max().map { Timestamp(microseconds: $0) }
    }
}
