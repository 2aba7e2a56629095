extension Schema {
    /// What every task goes through lies apart from what it is, in narrow tables: a claim and a result write some dozen
    /// bytes to their ends, in place of the task's whole row twice and four index entries.
    ///
    /// `task_rows` is what a task is, and all that is rare: 1, a delay; 4, a failure; what earlier attempts left. Its status
    /// is 0 for the others, and then the task is in one of three tables: `ready`, in the order in which tasks are claimed;
    /// `running`, with its `leases`, one for all tasks of a claim; or `done`, with its result. The view `tasks` puts all
    /// of it together again, with the columns of before, for whoever only looks. An older version, which would write to the
    /// table of that name, finds that it cannot.
    static let split = """
        ALTER TABLE tasks RENAME TO task_rows;
        DROP INDEX tasks_ready;
        DROP INDEX tasks_leased;
        DROP INDEX tasks_finished;
        CREATE TABLE ready (
            type_id INTEGER NOT NULL,
            priority INTEGER NOT NULL,
            task_id INTEGER NOT NULL,
            PRIMARY KEY (type_id, priority DESC, task_id)
        ) WITHOUT ROWID;
        CREATE TABLE leases (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            owner TEXT NOT NULL,
            claimed_at INTEGER,
            expires_at INTEGER NOT NULL,
            length INTEGER NOT NULL,
            open INTEGER NOT NULL
        );
        CREATE INDEX leases_expiry ON leases(expires_at);
        CREATE TABLE running (
            task_id INTEGER PRIMARY KEY,
            lease_id INTEGER NOT NULL,
            attempts INTEGER NOT NULL,
            claims INTEGER NOT NULL,
            is_plain INTEGER NOT NULL
        );
        CREATE TABLE done (
            task_id INTEGER PRIMARY KEY,
            finished_at INTEGER NOT NULL,
            started_at INTEGER,
            claimed_at INTEGER,
            attempts INTEGER NOT NULL,
            claims INTEGER NOT NULL,
            owner TEXT,
            pid INTEGER,
            worker TEXT,
            user_time INTEGER,
            system_time INTEGER,
            peak_memory INTEGER,
            result BLOB,
            logs BLOB
        );
        """

    /// Brings the tasks of before to their places.
    static let splitMoves = """
        INSERT INTO ready SELECT type_id, priority, id FROM task_rows WHERE status = 0;
        INSERT INTO leases (id, owner, claimed_at, expires_at, length, open)
            SELECT id, coalesce(lease_owner, ''), claimed_at, lease_expires_at, coalesce(lease_length, 30000000), 1
            FROM task_rows WHERE status = 2;
        INSERT INTO running SELECT id, id, attempts, claims, 0 FROM task_rows WHERE status = 2;
        INSERT INTO done SELECT id, coalesce(finished_at, created_at), started_at, claimed_at, attempts, claims, lease_owner,
            pid, worker, user_time, system_time, peak_memory, result, logs FROM task_rows WHERE status = 3;
        UPDATE task_rows SET status = 0, lease_owner = NULL, lease_expires_at = NULL, started_at = NULL, finished_at = NULL,
            pid = NULL, worker = NULL, user_time = NULL, system_time = NULL, peak_memory = NULL, result = NULL, logs = NULL
            WHERE status IN (2, 3);
        CREATE INDEX tasks_failed ON task_rows(id, finished_at) WHERE status = 4;
        """

    static let view = """
        CREATE VIEW tasks AS SELECT t.id AS id,
            CASE WHEN t.status <> 0 THEN t.status WHEN r.task_id IS NOT NULL THEN 2 WHEN d.task_id IS NOT NULL THEN 3
                ELSE 0 END AS status,
            t.type_id AS type_id, t.priority AS priority, coalesce(r.attempts, d.attempts, t.attempts) AS attempts,
            t.deaths AS deaths, coalesce(r.claims, d.claims, t.claims) AS claims, t.created_at AS created_at,
            t.not_before AS not_before, t.deadline AS deadline, t.dedupe_state AS dedupe_state, t.dedupe_key AS dedupe_key,
            coalesce(l.owner, d.owner, t.lease_owner) AS lease_owner, l.expires_at AS lease_expires_at,
            l.length AS lease_length, coalesce(l.claimed_at, d.claimed_at, t.claimed_at) AS claimed_at,
            CASE WHEN r.task_id IS NULL THEN coalesce(d.started_at, t.started_at) END AS started_at,
            CASE WHEN r.task_id IS NULL THEN coalesce(d.finished_at, t.finished_at) END AS finished_at,
            CASE WHEN r.task_id IS NULL THEN coalesce(d.pid, t.pid) END AS pid,
            CASE WHEN r.task_id IS NULL THEN coalesce(d.worker, t.worker) END AS worker,
            CASE WHEN r.task_id IS NULL THEN coalesce(d.user_time, t.user_time) END AS user_time,
            CASE WHEN r.task_id IS NULL THEN coalesce(d.system_time, t.system_time) END AS system_time,
            CASE WHEN r.task_id IS NULL THEN coalesce(d.peak_memory, t.peak_memory) END AS peak_memory,
            t.failure_kind AS failure_kind, t.failure_type AS failure_type, t.failure_message AS failure_message,
            t.failure_traceback AS failure_traceback, t.failure_exit_code AS failure_exit_code,
            t.failure_stderr AS failure_stderr, t.trace_parent AS trace_parent, t.extra AS extra, t.params AS params,
            d.result AS result, d.logs AS logs
        FROM task_rows t LEFT JOIN running r ON r.task_id = t.id LEFT JOIN leases l ON l.id = r.lease_id
            LEFT JOIN done d ON d.task_id = t.id;
        """

    /// For who only looks at a file of an older version: the tables that it lacks, made from those that it has.
    static let olderFile = """
        CREATE TEMP VIEW task_rows AS SELECT * FROM main.tasks;
        CREATE TEMP VIEW ready AS SELECT type_id, priority, id AS task_id FROM main.tasks WHERE status = 0;
        CREATE TEMP VIEW leases AS SELECT id, lease_owner AS owner, claimed_at, lease_expires_at AS expires_at,
            lease_length AS length, 1 AS open FROM main.tasks WHERE status = 2;
        CREATE TEMP VIEW running AS SELECT id AS task_id, id AS lease_id, attempts, claims FROM main.tasks
            WHERE status = 2;
        CREATE TEMP VIEW done AS SELECT id AS task_id, finished_at FROM main.tasks WHERE status = 3;
        """
}
