import GRDB
public import WorkerHostCore

extension SQLiteTaskManager {
    /// Cancels tasks: what waits fails at once and never runs; the host that has leased a task is told to end it.
    ///
    /// A request outlives the host that it was made for: the task is never claimable again, and fails when its lease ends
    /// or its host is found to be dead. A task that still succeeds has succeeded. When this returns the requests are on
    /// the disk.
    /// - Parameter reason: why; kept in the timeline and in the failure's message.
    /// - Returns: one outcome for each id, in the same order; what could not be done does not keep the others.
    /// - Throws: ``SQLiteQueueError``; what was done before stays done.
    public func cancel(_ ids: [String], reason: String? = nil) async throws(SQLiteQueueError) -> [CancelOutcome] {
        let now = options.now()
        var outcomes: [CancelOutcome] = []
        for start in stride(from: 0, to: ids.count, by: CancelAction.batch) {
            let batch = Array(ids[start..<min(start + CancelAction.batch, ids.count)])
            let (some, action) = try await connection.write(isDurable: true) { db, _ in
                var action = CancelAction(reason: reason, now: now)
                var outcomes: [CancelOutcome] = []
                try db.inTransaction(.immediate) {
                    outcomes = try action(batch, db)
                    return .commit
                }
                return (outcomes, action)
            }
            outcomes += some
            if action.hasRequested { events.announce(.cancelled) }
            if action.hasFinished { events.announce(.finished) }
        }
        return outcomes
    }

    /// Waits until somebody cancels tasks that this host has leased; see
    /// ``/WorkerHostCore/TaskManagerAdapter/nextCancellations()``. nil once the file is closed.
    ///
    /// Sleeps until another process announces a request; without file events it looks every ``Options/pollInterval``.
    /// - Throws: ``SQLiteQueueError``.
    public func nextCancellations() async throws(SQLiteQueueError) -> [CancelRequest]? {
        while !Task.isCancelled {
            let seen = hub.changes(.cancelled)
            let owner = role.withLock { $0.owner }
            let outstanding = try await unlessClosed { () async throws(SQLiteQueueError) in
                try await connection.read { db in try Cancellation.outstanding(of: owner, db) }
            }
            guard let outstanding else { return nil }
            let new = toldCancellations.withLock { told in
                let new = outstanding.filter { !told.contains($0) }
                told = Set(outstanding)
                return new
            }
            guard new.isEmpty else { return new }
            let end = events.isWatching ? .max : MonotonicTime.after(options.pollInterval)
            await events.wait(.cancelled, since: seen, until: end)
        }
        return []
    }
}
