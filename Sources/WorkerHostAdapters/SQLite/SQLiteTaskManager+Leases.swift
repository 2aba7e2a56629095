import GRDB
public import WorkerHostCore

extension SQLiteTaskManager {
    /// Leases at most `limit` tasks (never more than 1024), the highest priority first, then the oldest.
    ///
    /// Waits until there is one, at most ``Options/longestWait`` (without file events at most ``Options/pollInterval``);
    /// empty means none now. Each lease has a token of its own, and the attempt is counted with the lease.
    /// - Throws: ``SQLiteQueueError``; nothing was leased then.
    public func receiveTasks(limit: Int, types: [String]) async throws(SQLiteQueueError) -> [LeasedTask] {
        let end = MonotonicTime.after(longestWait)
        while !Task.isCancelled, !connection.isClosed {
            let seen = hub.changes(.claimable)
            let claim = claim(limit: limit, types: types)
            let answer = try await unlessClosed { () async throws(SQLiteQueueError) in
                try await noting { () async throws(SQLiteQueueError) in
                    try await connection.write { db, state in try claim(db, &state) }
                }
            }
            guard let answer else { return [] }
            if answer.hasFinished {
                events.announce(.finished)
                // How many is not counted there; too many only makes the next look an early one.
                retention.tasksFinished(Recovery.batch)
            }
            if answer.hasMadeClaimable { events.announce(.claimable) }
            if !answer.tasks.isEmpty { return answer.tasks }
            // What became claimable just now may be more than one claim looks at.
            if answer.hasMadeClaimable || answer.hasFinished { continue }
            guard MonotonicTime.now < end else { return [] }
            let next = answer.lookAgainAfter.map(MonotonicTime.after) ?? .max
            await events.wait(.claimable, since: seen, until: min(end, next))
        }
        return []
    }

    private var longestWait: Duration {
        events.isWatching ? options.longestWait : min(options.longestWait, options.pollInterval)
    }

    private func claim(limit: Int, types: [String]) -> Claim {
        let role = role.withLock { $0 }
        return Claim(
            owner: role.owner, host: role.host, limit: max(1, min(limit, 1024)), types: types,
            leaseDuration: options.leaseDuration, failsUnknownTypes: options.unknownTypes == .fail,
            now: options.now())
    }

    /// Stores outcomes, all in one transaction; one acknowledgement per report, in the same order.
    ///
    /// A report is accepted under the lease that the task was last claimed with, as long as nobody took the lease back.
    /// An accepted report may be repeated until the task is claimed again: it is accepted and changes nothing.
    /// - Throws: ``SQLiteQueueError``; none of the reports was taken then.
    public func complete(_ reports: [TaskReport]) async throws(SQLiteQueueError) -> [Acknowledgement] {
        guard !reports.isEmpty else { return [] }
        let now = options.now()
        let (acknowledgements, settlement) = try await noting { () async throws(SQLiteQueueError) in
            try await connection.write { db, _ in
                var settlement = Settlement(now: now)
                var acknowledgements: [Acknowledgement] = []
                try db.inTransaction(.immediate) {
                    let successes = try SuccessStatements(db)
                    var held = try HeldTasks(db)
                    acknowledgements = try reports.map { try settlement.take($0, db, &held, successes) }
                    try held.settle()
                    try settlement.change.write(db)
                    return .commit
                }
                return (acknowledgements, settlement)
            }
        }
        if settlement.hasFinished { events.announce(.finished) }
        retention.tasksFinished(settlement.finished)
        if settlement.hasMadeClaimable { events.announce(.claimable) }
        return acknowledgements
    }

    /// Makes leases last ``Options/leaseDuration`` from now; returns the ids of the tasks whose lease is lost.
    /// - Throws: ``SQLiteQueueError``; no lease was extended then.
    public func extendLeases(
        _ leases: [(taskID: String, lease: Lease)]
    ) async throws(SQLiteQueueError) -> [String] {
        guard !leases.isEmpty else { return [] }
        let now = options.now()
        let length = options.leaseDuration
        let host = role.withLock { $0.host }
        return try await noting { () async throws(SQLiteQueueError) in
            try await connection.write { db, state in
                var lost: [String] = []
                try db.inTransaction(.immediate) {
                    lost = try LeaseExtension(now: now, length: length)(leases, db)
                    if let host { try state.hosts.refresh(host, db, now: now, every: length) }
                    return .commit
                }
                return lost
            }
        }
    }

    /// Settles what a dead host left behind and takes it off the list of living hosts.
    /// - Throws: ``SQLiteQueueError``; nothing was changed then.
    public func recover(_ host: DeadHost) async throws(SQLiteQueueError) {
        let now = options.now()
        try await connection.write { db, _ in
            try db.inTransaction(.immediate) {
                try Recovery.recover(host, db, now: now)
                return .commit
            }
        }
        events.announce(.claimable)
        // Those that had been cancelled.
        events.announce(.finished)
    }
}
