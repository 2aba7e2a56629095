import GRDB
import WorkerHostCore

/// The two connections to the outbox file.
typealias OutboxConnection = StoreConnection<OutboxState>

/// What the outbox's writer remembers, and the tables of its file.
///
/// An outcome is one row, written once and deleted once. What is not asked for by itself lies in `facts`
/// (``ReportCoding``). `entries_rejected` holds nothing but those that the TaskManager refused.
struct OutboxState: StoreState {
    static let subject = "outbox"

    /// "WHO1": marks the file as an outbox.
    static let applicationID: Int64 = 0x5748_4F31

    static var migrator: DatabaseMigrator {
        var migrator = DatabaseMigrator()
        migrator.registerMigration("1 outbox") { db in
            try db.execute(sql: "PRAGMA application_id = \(applicationID)")
            try db.execute(sql: tables)
        }
        return migrator
    }

    private static let tables = """
        CREATE TABLE owners (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            name TEXT NOT NULL UNIQUE
        );
        CREATE TABLE entries (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            owner INTEGER NOT NULL REFERENCES owners(id),
            state INTEGER NOT NULL DEFAULT 0,
            outcome INTEGER NOT NULL,
            tries INTEGER NOT NULL DEFAULT 0,
            next_at INTEGER,
            stored_at INTEGER NOT NULL,
            settled_at INTEGER,
            size INTEGER NOT NULL,
            task_id TEXT NOT NULL,
            task_type TEXT NOT NULL,
            lease_token TEXT NOT NULL,
            lease_expires_at INTEGER,
            error TEXT,
            facts BLOB NOT NULL,
            result BLOB
        );
        CREATE INDEX entries_task ON entries(task_id);
        CREATE INDEX entries_rejected ON entries(settled_at) WHERE state = 1;
        CREATE TABLE failures (
            task_id TEXT PRIMARY KEY,
            at INTEGER NOT NULL,
            task_type TEXT NOT NULL,
            facts BLOB NOT NULL
        ) WITHOUT ROWID;
        CREATE INDEX failures_at ON failures(at);
        CREATE TABLE edits (
            id INTEGER PRIMARY KEY CHECK (id = 1),
            count INTEGER NOT NULL
        );
        INSERT INTO edits VALUES (1, 0);
        """

    /// The row of this host among the owners.
    var owner: Int64 = 0
    /// Failures that were remembered since the old ones were removed.
    var rememberedSincePruning = 0
    /// The edits by hand that were seen.
    var edits: Int64 = 0

    mutating func forget() {}
}
