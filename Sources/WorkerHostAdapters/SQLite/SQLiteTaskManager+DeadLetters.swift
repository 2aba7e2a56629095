import GRDB
import WorkerHostCore

extension SQLiteTaskManager {
    /// Dead letters (tasks that finally failed), by default the newest first.
    /// - Parameters:
    ///   - limit: most that are returned; at least 1.
    ///   - after: only those behind this id, in the order of the answer; the last id of one answer begins the next.
    /// - Throws: ``SQLiteQueueError``.
    public func deadLetters(
        matching filter: DeadLetterFilter = DeadLetterFilter(), limit: Int = 100, after: String? = nil,
        newestFirst: Bool = true
    ) async throws(SQLiteQueueError) -> [StoredTask] {
        try await connection.read { db in
            var query = try DeadLetterQuery(filter, db)
            query.begin(behind: after.flatMap(Int64.init), newestFirst: newestFirst)
            let sql = query.tasks(newestFirst: newestFirst, limit: max(1, limit))
            let rows = try Row.fetchCursor(try db.cachedStatement(sql: sql), arguments: query.arguments)
            var tasks: [StoredTask] = []
            while let row = try rows.next() { tasks.append(try StoredTask(row)) }
            return tasks
        }
    }

    /// How many dead letters failed of what, the most frequent cause first.
    ///
    /// Reads each of them once, in memory for the causes only.
    /// - Throws: ``SQLiteQueueError``.
    public func deadLetterCauses(
        matching filter: DeadLetterFilter = DeadLetterFilter()
    ) async throws(SQLiteQueueError) -> [DeadLetterCause] {
        try await connection.read { db in try DeadLetterCauses.count(filter, db) }
    }

    /// Puts dead letters back into the queue: their attempts and deaths count from zero again, their history stays.
    ///
    /// Hosts may work meanwhile: some hundred at a time are put back in one transaction.
    /// - Parameters:
    ///   - delay: how long they wait before they may run.
    ///   - isDryRun: tells what would be done, and changes nothing.
    /// - Returns: one outcome for each id, in the same order; what could not be done does not keep the others.
    /// - Throws: ``SQLiteQueueError``; what was done before stays done.
    public func retryDeadLetters(
        _ ids: [String], after delay: Duration = .zero, isDryRun: Bool = false
    ) async throws(SQLiteQueueError) -> [DeadLetterOutcome] {
        try await apply(.retry(after: delay), to: ids, isDryRun)
    }

    /// Puts the dead letters that a filter selects back into the queue, the oldest first.
    /// - Parameters:
    ///   - limit: most that are looked at; nil for all that there are.
    ///   - onBatch: told of each batch of outcomes behind its transaction.
    /// - Throws: ``SQLiteQueueError``; what was done before stays done.
    public func retryDeadLetters(
        matching filter: DeadLetterFilter, limit: Int? = nil, after delay: Duration = .zero, isDryRun: Bool = false,
        onBatch: ([DeadLetterOutcome]) async throws -> Void
    ) async throws {
        try await apply(.retry(after: delay), matching: filter, limit, isDryRun, onBatch)
    }

    /// Deletes dead letters together with their history; a dedupe key that one of them held is free again.
    ///
    /// Hosts may work meanwhile: some hundred at a time are deleted in one transaction.
    /// - Parameter isDryRun: tells what would be done, and changes nothing.
    /// - Returns: one outcome for each id, in the same order; what could not be done does not keep the others.
    /// - Throws: ``SQLiteQueueError``; what was done before stays done.
    public func discardDeadLetters(
        _ ids: [String], isDryRun: Bool = false
    ) async throws(SQLiteQueueError) -> [DeadLetterOutcome] {
        try await apply(.discard, to: ids, isDryRun)
    }

    /// Deletes the dead letters that a filter selects, the oldest first.
    /// - Parameters:
    ///   - limit: most that are looked at; nil for all that there are.
    ///   - onBatch: told of each batch of outcomes behind its transaction.
    /// - Throws: ``SQLiteQueueError``; what was done before stays done.
    public func discardDeadLetters(
        matching filter: DeadLetterFilter, limit: Int? = nil, isDryRun: Bool = false,
        onBatch: ([DeadLetterOutcome]) async throws -> Void
    ) async throws {
        try await apply(.discard, matching: filter, limit, isDryRun, onBatch)
    }
}

// MARK: - One way for all

extension SQLiteTaskManager {
    private func apply(
        _ kind: DeadLetterAction.Kind, to ids: [String], _ isDryRun: Bool
    ) async throws(SQLiteQueueError) -> [DeadLetterOutcome] {
        var action = DeadLetterAction(kind, now: options.now(), isDryRun: isDryRun)
        var outcomes: [DeadLetterOutcome] = []
        for start in stride(from: 0, to: ids.count, by: DeadLetterAction.batch) {
            let end = min(start + DeadLetterAction.batch, ids.count)
            outcomes += try await perform(&action, Array(ids[start..<end]))
        }
        return outcomes
    }

    private func apply(
        _ kind: DeadLetterAction.Kind, matching filter: DeadLetterFilter, _ limit: Int?, _ isDryRun: Bool,
        _ onBatch: ([DeadLetterOutcome]) async throws -> Void
    ) async throws {
        var action = DeadLetterAction(kind, now: options.now(), isDryRun: isDryRun)
        var left = limit ?? .max
        var last: Int64?
        while left > 0 {
            // Ids only grow: a task that fails again meanwhile is not taken a second time.
            let (behind, most) = (last, min(left, DeadLetterAction.batch))
            let ids = try await connection.read { db in
                var query = try DeadLetterQuery(filter, db)
                query.begin(behind: behind, newestFirst: false)
                return try Int64.fetchAll(db, sql: query.ids(limit: most), arguments: query.arguments)
            }
            guard let newest = ids.last else { return }
            let pause = Pause()
            try await onBatch(try await perform(&action, ids.map(String.init)))
            left -= ids.count
            last = newest
            guard ids.count == most else { return }
            // Others on the file, who look for the lock at intervals, get their turn.
            if !isDryRun { try await pause.asLongAsItTook() }
        }
    }

    private func perform(
        _ action: inout DeadLetterAction, _ ids: [String]
    ) async throws(SQLiteQueueError) -> [DeadLetterOutcome] {
        let before = action
        let (outcomes, after): ([DeadLetterOutcome], DeadLetterAction)
        if action.isDryRun {
            (outcomes, after) = try await connection.read { db in
                var action = before
                return (try action(ids, db), action)
            }
        } else {
            (outcomes, after) = try await connection.write { db, _ in
                var action = before
                var outcomes: [DeadLetterOutcome] = []
                try db.inTransaction(.immediate) {
                    outcomes = try action(ids, db)
                    return .commit
                }
                return (outcomes, action)
            }
        }
        action = after
        if !action.isDryRun, case .retry = action.kind, outcomes.contains(where: \.isDone) {
            events.announce(.claimable)
        }
        return outcomes
    }
}
