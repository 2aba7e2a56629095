import GRDB
import WorkerHostCore

/// Stores results: what nearly every task comes to.
struct SuccessStatements {
    static let insert = """
        INSERT INTO done (task_id, finished_at, started_at, claimed_at, attempts, claims, owner, pid, worker, user_time,
            system_time, peak_memory, result, logs) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
        """

    /// For a task that has more behind it than this attempt.
    static let clear = """
        UPDATE task_rows SET dedupe_state = dedupe_state & 2, failure_kind = NULL, failure_type = NULL,
            failure_message = NULL, failure_traceback = NULL, failure_exit_code = NULL, failure_stderr = NULL
        WHERE id = ?
        """

    private let db: Database
    private let inserting: HotStatement

    init(_ db: Database) throws {
        self.db = db
        inserting = try HotStatement(db, sql: Self.insert)
    }

    /// Stores the result of a task that was taken from those that run.
    func store(_ task: RunningTask, _ attempt: AttemptRecord, _ result: TaskResult) throws {
        try inserting.bind(1, task.id)
        try inserting.bind(2, attempt.endedAt.microseconds)
        try inserting.bind(3, attempt.startedAt?.microseconds)
        try inserting.bind(4, task.lease.claimedAt)
        try inserting.bind(5, task.attempts)
        try inserting.bind(6, task.claims)
        try inserting.bind(7, task.lease.owner)
        try inserting.bind(8, attempt.pid.map(Int64.init))
        try inserting.bind(9, attempt.worker.storable)
        if let usage = attempt.usage {
            try inserting.bind(10, usage.userTime.wholeMicroseconds)
            try inserting.bind(11, usage.systemTime.wholeMicroseconds)
            try inserting.bind(12, usage.peakMemory)
        }
        try inserting.bind(13, result.value.bytes)
        if let logs = result.logs { try inserting.bind(14, logs.bytes) }
        try inserting.run()
        if !task.isPlain { try db.cachedStatement(sql: Self.clear).execute(arguments: [task.id]) }
    }
}
