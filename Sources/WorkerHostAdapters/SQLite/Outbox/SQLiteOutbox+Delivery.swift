import GRDB
public import WorkerHostCore

extension SQLiteOutbox {
    /// Stores outcomes in one transaction.
    /// - Throws: ``SQLiteQueueError``; none was stored then.
    public func store(_ outcomes: [OutboxOutcome]) async throws(SQLiteQueueError) -> [Int64] {
        let (options, now) = (options, Timestamp.now)
        return try await connection.write { db, state in
            var ids: [Int64] = []
            ids.reserveCapacity(outcomes.count)
            var remembered = 0
            let owner = state.owner
            let isPruning = state.rememberedSincePruning >= Self.pruningInterval
            try db.inTransaction(.immediate) {
                let statements = try EntryStatements(db)
                for outcome in outcomes {
                    ids.append(try statements.store(outcome, owner: owner, now: now))
                    guard outcome.isRemembered, case .failed(let failure) = outcome.report.outcome else { continue }
                    try EntryStatements.remember(
                        failure, taskID: outcome.report.taskID, type: outcome.taskType, db, now: now)
                    remembered += 1
                }
                if isPruning { try Self.prune(db, options, now) }
                return .commit
            }
            state.rememberedSincePruning = (isPruning ? 0 : state.rememberedSincePruning) + remembered
            return ids
        }
    }

    private static let pruningInterval = 256

    /// The reports of entries; one whose row does not make sense any more is marked as rejected and left out.
    /// - Throws: ``SQLiteQueueError``.
    public func reports(of ids: [Int64]) async throws(SQLiteQueueError) -> [Int64: TaskReport] {
        let (reports, damaged) = try await connection.read { db in
            var reports: [Int64: TaskReport] = [:]
            var damaged: [Int64] = []
            for id in ids {
                guard let row = try Self.report(db, id: id, state: 0) else { continue }
                if let report = row { reports[id] = report } else { damaged.append(id) }
            }
            return (reports, damaged)
        }
        if !damaged.isEmpty {
            try await settle(
                damaged.map { .rejected(id: $0, reason: "what the outbox kept of it is damaged", remembered: nil) })
        }
        return reports
    }

    /// The report of an entry: nil if there is no such row, nil inside if the row makes no sense.
    static func report(_ db: Database, id: Int64, state: Int64?) throws -> TaskReport?? {
        let statement = try HotStatement(
            db,
            sql: """
                SELECT task_id, lease_token, lease_expires_at, outcome, facts, result FROM entries
                WHERE id = ? AND state = ifnull(?, state)
                """)
        try statement.bind(1, id)
        try statement.bind(2, state)
        var found: TaskReport??
        try statement.run {
            let lease = Lease(
                token: statement.text(1) ?? "",
                expiresAt: statement.optionalInteger(2).map(Timestamp.init(microseconds:)))
            let outcome = OutboxEntry.Outcome(rawValue: Int(statement.integer(3)))
            found = .some(
                outcome.flatMap {
                    ReportCoding.report(
                        taskID: statement.text(0) ?? "", lease: lease, outcome: $0, facts: statement.bytes(4) ?? [],
                        result: statement.bytes(5))
                })
        }
        return found
    }

    /// Notes what became of entries, in one transaction.
    /// - Throws: ``SQLiteQueueError``; nothing was noted then.
    public func settle(_ settlements: [OutboxSettlement]) async throws(SQLiteQueueError) {
        guard !settlements.isEmpty else { return }
        let (options, now) = (options, Timestamp.now)
        try await connection.write { db, state in
            let owner = state.owner
            try db.inTransaction(.immediate) {
                let delete = try HotStatement(db, sql: "DELETE FROM entries WHERE id = ? AND owner = ?")
                var hasRejected = false
                for settlement in settlements {
                    switch settlement {
                    case .gone(let id):
                        try delete.bind(1, id)
                        try delete.bind(2, owner)
                        try delete.run()
                    case .postponed(let id, let tries, let next, let error):
                        try db.cachedStatement(
                            sql: "UPDATE entries SET tries = ?, next_at = ?, error = ? WHERE id = ? AND owner = ?"
                        ).execute(arguments: [tries, next.microseconds, error.storable, id, owner])
                    case .rejected(let id, let reason, let failure):
                        hasRejected = true
                        try Self.reject(id, reason, failure, db, owner, now)
                    }
                }
                if hasRejected { try Self.prune(db, options, now) }
                return .commit
            }
        }
    }

    private static func reject(
        _ id: Int64, _ reason: String, _ failure: TaskFailure?, _ db: Database, _ owner: Int64, _ now: Timestamp
    ) throws {
        try db.cachedStatement(
            sql: """
                UPDATE entries SET state = 1, tries = tries + 1, next_at = NULL, settled_at = ?, error = ?
                WHERE id = ? AND owner = ?
                """
        ).execute(arguments: [now.microseconds, reason.storable, id, owner])
        guard let failure, db.changesCount == 1 else { return }
        let row = try Row.fetchOne(db, sql: "SELECT task_id, task_type FROM entries WHERE id = ?", arguments: [id])
        guard let row else { return }
        try EntryStatements.remember(failure, taskID: row[0], type: row[1], db, now: now)
    }

    /// Undelivered outcomes and remembered failures of tasks.
    /// - Throws: ``SQLiteQueueError``.
    public func findings(about taskIDs: [String]) async throws(SQLiteQueueError) -> OutboxFindings {
        let oldest = Timestamp.now.advanced(by: .zero - options.rememberFailures).microseconds
        return try await connection.read { db in
            var findings = OutboxFindings()
            let failures = try HotStatement(db, sql: "SELECT facts FROM failures WHERE task_id = ? AND at >= ?")
            for id in taskIDs {
                findings.undelivered[id] = try EntryStatements.entry(db, ofTask: id)
                try failures.bind(1, id)
                try failures.bind(2, oldest)
                try failures.run { findings.failures[id] = ReportCoding.failure(failures.bytes(0) ?? []) }
            }
            return findings
        }
    }

    /// Puts an undelivered entry under another lease, as an entry of this host.
    /// - Throws: ``SQLiteQueueError``.
    public func rebind(_ id: Int64, to lease: Lease) async throws(SQLiteQueueError) -> OutboxEntry? {
        try await connection.write { db, state in
            let owner = state.owner
            var entry: OutboxEntry?
            try db.inTransaction(.immediate) {
                try db.execute(
                    sql: """
                        UPDATE entries SET owner = ?, lease_token = ?, lease_expires_at = ?, tries = 0, next_at = NULL
                        WHERE id = ? AND state = 0
                        """, arguments: [owner, lease.token, lease.expiresAt?.microseconds, id])
                if db.changesCount == 1 { entry = try EntryStatements.entry(db, id: id) }
                return .commit
            }
            return entry
        }
    }

    /// This host's entries, if ``retry(_:)`` or ``discard(_:)`` was used since the last call.
    /// - Throws: ``SQLiteQueueError``.
    public func entriesIfEdited() async throws(SQLiteQueueError) -> [OutboxEntry]? {
        try await connection.write { db, state in
            let edits = try HotStatement(db, sql: "SELECT count FROM edits")
            var count = state.edits
            try edits.run { count = edits.integer(0) }
            guard count != state.edits else { return nil }
            state.edits = count
            return try EntryStatements.entries(db, of: state.owner)
        }
    }

    /// How many outcomes the TaskManager refused.
    /// - Throws: ``SQLiteQueueError``.
    public func rejectedCount() async throws(SQLiteQueueError) -> Int {
        try await connection.read { db in
            try Int.fetchOne(db, sql: "SELECT count(*) FROM entries WHERE state = 1") ?? 0
        }
    }
}
