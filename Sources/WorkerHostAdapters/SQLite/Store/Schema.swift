import GRDB

/// The tables of a queue file.
///
/// The first migration is how it began; ``split`` says what the tables are for now. Each claim looks only at the rows it
/// takes: the index `tasks_delayed` holds nothing but delayed tasks, so that neither waiting nor finished ones cost a
/// claim anything. It ends with `status`, which is always the same there, because SQLite reads the row itself for a
/// column that its index lacks.
enum Schema {
    /// "WHQ1": marks the file as a queue, so that another program's database is never mistaken for one.
    static let applicationID: Int64 = 0x5748_5131

    static var migrator: DatabaseMigrator {
        var migrator = DatabaseMigrator()
        migrator.registerMigration("1 queue") { db in
            try db.execute(sql: "PRAGMA application_id = \(applicationID)")
            try db.execute(sql: tasks)
            try db.execute(sql: others)
        }
        migrator.registerMigration("2 finished tasks") { db in try db.execute(sql: finished) }
        migrator.registerMigration("3 cancelled tasks") { db in try db.execute(sql: cancelled) }
        migrator.registerMigration("4 progress") { db in try db.execute(sql: progress) }
        migrator.registerMigration("5 narrow tables") { db in
            try db.execute(sql: split)
            try db.execute(sql: splitMoves)
            try db.execute(sql: view)
        }
        return migrator
    }

    /// Parameters over ``inlineLimit`` bytes lie in a table of their own:
    /// an update writes its whole row again.
    private static let tasks = """
        CREATE TABLE task_types (
            id INTEGER PRIMARY KEY,
            name TEXT NOT NULL UNIQUE
        );
        CREATE TABLE tasks (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            status INTEGER NOT NULL,
            type_id INTEGER NOT NULL REFERENCES task_types(id),
            priority INTEGER NOT NULL,
            attempts INTEGER NOT NULL DEFAULT 0,
            deaths INTEGER NOT NULL DEFAULT 0,
            claims INTEGER NOT NULL DEFAULT 0,
            created_at INTEGER NOT NULL,
            not_before INTEGER,
            deadline INTEGER,
            dedupe_state INTEGER NOT NULL DEFAULT 0,
            dedupe_key TEXT,
            lease_owner TEXT,
            lease_expires_at INTEGER,
            lease_length INTEGER,
            claimed_at INTEGER,
            started_at INTEGER,
            finished_at INTEGER,
            pid INTEGER,
            worker TEXT,
            user_time INTEGER,
            system_time INTEGER,
            peak_memory INTEGER,
            failure_kind TEXT,
            failure_type TEXT,
            failure_message TEXT,
            failure_traceback TEXT,
            failure_exit_code INTEGER,
            failure_stderr TEXT,
            trace_parent TEXT,
            extra BLOB,
            params BLOB,
            result BLOB,
            logs BLOB
        );
        CREATE TABLE large_params (
            task_id INTEGER PRIMARY KEY REFERENCES tasks(id) ON DELETE CASCADE,
            params BLOB NOT NULL
        );
        CREATE INDEX tasks_ready ON tasks(type_id, priority DESC, id, status) WHERE status = 0;
        CREATE INDEX tasks_delayed ON tasks(not_before, status) WHERE status = 1;
        CREATE INDEX tasks_leased ON tasks(lease_expires_at, status) WHERE status = 2;
        CREATE INDEX tasks_failed ON tasks(id) WHERE status = 4;
        CREATE INDEX tasks_dedupe ON tasks(dedupe_key, dedupe_state) WHERE dedupe_key IS NOT NULL;
        """

    private static let others = """
        CREATE TABLE timeline (
            id INTEGER PRIMARY KEY,
            task_id INTEGER NOT NULL REFERENCES tasks(id) ON DELETE CASCADE,
            at INTEGER NOT NULL,
            attempt INTEGER NOT NULL,
            kind TEXT NOT NULL,
            message TEXT NOT NULL
        );
        CREATE INDEX timeline_task ON timeline(task_id, id);
        CREATE TABLE hosts (
            id TEXT PRIMARY KEY,
            pid INTEGER NOT NULL,
            selectors TEXT NOT NULL,
            started_at INTEGER NOT NULL,
            seen_at INTEGER NOT NULL
        ) WITHOUT ROWID;
        CREATE TABLE counts (
            id INTEGER PRIMARY KEY CHECK (id = 1),
            pending INTEGER NOT NULL,
            running INTEGER NOT NULL,
            completed INTEGER NOT NULL,
            failed INTEGER NOT NULL
        );
        INSERT INTO counts VALUES (1, 0, 0, 0, 0);
        """

    /// `spent_keys` are the dedupe keys that removed tasks hold for good.
    private static let finished = """
        DROP INDEX tasks_failed;
        CREATE INDEX tasks_finished ON tasks(status, id, finished_at) WHERE status >= 3;
        CREATE TABLE spent_keys (
            key TEXT PRIMARY KEY,
            task_id INTEGER NOT NULL
        ) WITHOUT ROWID;
        """

    /// The requests to cancel tasks that are leased, each for the claim that it found: a later claim is another one.
    /// A table of its own, mostly empty, so that neither claims nor successes have more to write.
    private static let cancelled = """
        CREATE TABLE cancel_requests (
            task_id INTEGER PRIMARY KEY REFERENCES tasks(id) ON DELETE CASCADE,
            claims INTEGER NOT NULL,
            reason TEXT
        );
        """

    /// How far running tasks are, each for the claim under which its worker said so. Mostly empty, as above.
    private static let progress = """
        CREATE TABLE progress (
            task_id INTEGER PRIMARY KEY REFERENCES tasks(id) ON DELETE CASCADE,
            claims INTEGER NOT NULL,
            at INTEGER NOT NULL,
            percent INTEGER NOT NULL,
            message TEXT
        );
        """

    /// The largest parameters, in bytes, that are kept in the task's own row.
    static let inlineLimit = 2048
}
