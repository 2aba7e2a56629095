import GRDB
import WorkerHostCore

extension StoredTask {
    /// The columns in the order in which ``init(_:)`` reads them.
    static let selection = selection()

    /// The same from the rows alone, for tasks that neither run nor have a result.
    static let rowSelection = selection(table: "task_rows")

    /// The same with the progress of those that run. A file that no host of this version has used has no table for that,
    /// and whoever only looks adds none.
    static func selection(_ db: Database) throws -> String {
        try db.tableExists("progress")
            ? selection(
                columns: ", p.percent, p.message, p.at",
                join: "LEFT JOIN progress p ON p.task_id = t.id AND p.claims = t.claims AND t.status = 2")
            : selection
    }

    private static func selection(table: String = "tasks", columns: String = "", join: String = "") -> String {
        """
        SELECT t.id, y.name, coalesce(t.params, l.params), t.priority, t.status, t.attempts, t.deaths, t.created_at,
            t.not_before, t.deadline, t.dedupe_key, t.claimed_at, t.started_at, t.finished_at, t.worker, t.pid,
            t.lease_owner, t.lease_expires_at, t.result, t.logs, t.failure_kind, t.failure_type, t.failure_message,
            t.failure_traceback, t.failure_exit_code, t.failure_stderr, t.user_time, t.system_time, t.peak_memory,
            t.trace_parent, t.extra, t.claims\(columns)
        FROM \(table) t JOIN task_types y ON y.id = t.type_id LEFT JOIN large_params l ON l.task_id = t.id \(join)
        """
    }

    init(_ row: Row) throws {
        let id: Int64 = row[0]
        let rowStatus = RowStatus(rawValue: row[4]) ?? .failed
        self.init(
            id: String(id), type: row[1], params: try row.json(at: 2) ?? .emptyObject, priority: row[3],
            status: rowStatus.status, attempts: row[5], deaths: row[6],
            createdAt: Timestamp(microseconds: row[7]), notBefore: row.timestamp(at: 8),
            deadline: row.timestamp(at: 9), dedupeKey: row[10], claimedAt: row.timestamp(at: 11),
            startedAt: row.timestamp(at: 12), finishedAt: row.timestamp(at: 13), worker: row[14], pid: row[15],
            leaseOwner: rowStatus == .running ? row[16] : nil,
            leaseExpiresAt: rowStatus == .running ? row.timestamp(at: 17) : nil, result: try row.json(at: 18),
            logs: try row.json(at: 19), failure: Failure(row), usage: ResourceUsage(row),
            traceParent: row[29], extra: try row.json(at: 30), progress: Progress(row),
            lease: rowStatus == .running ? Lease(row) : nil)
    }
}

extension Lease {
    fileprivate init?(_ row: Row) {
        guard let owner: String = row[16] else { return nil }
        self.init(token: LeaseToken(owner: owner, claim: row[31]).text, expiresAt: row.timestamp(at: 17))
    }
}

extension StoredTask.Failure {
    fileprivate init?(_ row: Row) {
        let kind: String? = row[20]
        guard let kind else { return nil }
        self.init(
            kind: kind, type: row[21] ?? kind, message: row[22] ?? "", traceback: row[23], exitCode: row[24],
            standardErrorTail: row[25])
    }
}

extension StoredTask.Progress {
    fileprivate init?(_ row: Row) {
        guard row.count > 32, let percent: Int = row[32], let at = row.timestamp(at: 34) else { return nil }
        self.init(percent: percent, message: row[33], at: at)
    }
}

extension ResourceUsage {
    fileprivate init?(_ row: Row) {
        let user: Int64? = row[26]
        let system: Int64? = row[27]
        let memory: Int64? = row[28]
        guard let user, let system else { return nil }
        self.init(userTime: .microseconds(user), systemTime: .microseconds(system), peakMemory: memory)
    }
}
