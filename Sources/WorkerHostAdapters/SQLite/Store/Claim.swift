import Foundation
import GRDB
import WorkerHostCore

/// One claim: takes the best tasks of some types in one transaction.
struct Claim: Sendable {
    /// What came of it.
    struct Answer: Sendable {
        var tasks: [LeasedTask] = []
        /// Without tasks: when to look again, although nothing changes.
        var lookAgainAfter: Duration?
        /// Whether tasks became claimable that were not taken.
        var hasMadeClaimable = false
        /// Whether tasks were finally failed.
        var hasFinished = false
    }

    let owner: String
    /// nil for a manager that was not started as a host.
    let host: HostIdentity?
    let limit: Int
    let types: [String]
    let leaseDuration: Duration
    let failsUnknownTypes: Bool
    let now: Timestamp

    func callAsFunction(_ db: Database, _ state: inout QueueState) throws -> Answer {
        var answer = Answer()
        try state.catalog.refresh(db)
        answer.hasFinished = try failUnknownTypes(db, &state)
        let wanted = state.catalog.types(selectedBy: types)
        // Only a look, so that many idle hosts that wake together do not queue for the write lock.
        if try state.isBusy || isAnythingDue(db) || hasReady(db, wanted) {
            try db.inTransaction(.immediate) {
                try take(db, wanted, &state, &answer)
                return .commit
            }
            state.isBusy = !answer.tasks.isEmpty
        } else if let host, state.hosts.isDue(now: now, every: leaseDuration * 4) {
            try db.inTransaction(.immediate) {
                try state.hosts.refresh(host, db, now: now, every: .zero)
                return .commit
            }
        }
        if answer.tasks.isEmpty { answer.lookAgainAfter = try nextMoment(db) }
        return answer
    }

    private func take(
        _ db: Database, _ wanted: [Int64], _ state: inout QueueState, _ answer: inout Answer
    ) throws {
        var change = CountChange()
        let due = try Recovery.promoteDue(db, now: now)
        let expired = try Recovery.takeBackExpired(db, now: now, &change)
        try Recovery.clampLeases(db, now: now, leaseDuration: leaseDuration)
        let picked = try ReadyTasks.best(limit, of: wanted, db)
        answer.tasks = try lease(picked, db, state.catalog)
        answer.hasMadeClaimable = due + expired.returned > 0
        answer.hasFinished = answer.hasFinished || expired.cancelled > 0
        change.move(answer.tasks.count, from: \.pending, to: \.running)
        try change.write(db)
        if let host { try state.hosts.refresh(host, db, now: now, every: leaseDuration) }
    }

    private func lease(_ ids: [Int64], _ db: Database, _ catalog: TypeCatalog) throws -> [LeasedTask] {
        guard !ids.isEmpty else { return [] }
        let expiry = now.advanced(by: leaseDuration)
        let list = "[" + ids.lazy.map(String.init).joined(separator: ",") + "]"
        let update = try HotStatement(db, sql: Self.update)
        try update.bind(1, owner)
        try update.bind(2, expiry.microseconds)
        try update.bind(3, leaseDuration.wholeMicroseconds)
        try update.bind(4, now.microseconds)
        try update.bind(5, list)
        try update.run()
        // Read after the update: `RETURNING` would copy every row into a table of its own first.
        let select = try HotStatement(db, sql: Self.select)
        try select.bind(1, list)
        var tasks: [LeasedTask] = []
        tasks.reserveCapacity(ids.count)
        try select.run { tasks.append(try leasedTask(select, expiry, db, catalog)) }
        return inOrder(tasks, ids)
    }

    /// The rows come by id, which mostly is the order wanted.
    private func inOrder(_ tasks: [LeasedTask], _ ids: [Int64]) -> [LeasedTask] {
        let isSorted = zip(ids, ids.dropFirst()).allSatisfy { $0 < $1 }
        guard !isSorted else { return tasks }
        let places = ids.indices.sorted { ids[$0] < ids[$1] }
        return zip(places, tasks).sorted { $0.0 < $1.0 }.map(\.1)
    }

    static let update = """
        UPDATE tasks SET status = 2, attempts = attempts + 1, claims = claims + 1, lease_owner = ?,
            lease_expires_at = ?, lease_length = ?, claimed_at = ?, started_at = NULL, finished_at = NULL,
            worker = NULL, pid = NULL, user_time = NULL, system_time = NULL, peak_memory = NULL
        WHERE id IN (SELECT value FROM json_each(?))
        """

    static let select = """
        SELECT id, type_id, priority, attempts, claims, created_at, deadline, trace_parent, extra, params FROM tasks
        WHERE id IN (SELECT value FROM json_each(?))
        """

    private func leasedTask(
        _ row: HotStatement, _ expiry: Timestamp, _ db: Database, _ catalog: TypeCatalog
    ) throws -> LeasedTask {
        let id = row.integer(0)
        let metadata = TaskMetadata(
            priority: Int(row.integer(2)), createdAt: Timestamp(microseconds: row.integer(5)),
            attempt: Int(row.integer(3)), deadline: row.optionalInteger(6).map(Timestamp.init(microseconds:)),
            traceParent: row.text(7), extra: row.bytes(8).map(RawJSON.init(unchecked:)))
        let params = try row.bytes(9).map(RawJSON.init(unchecked:)) ?? LargeParams.fetch(db, task: id)
        return LeasedTask(
            task: WorkerTask(
                id: String(id), type: catalog.names[row.integer(1)] ?? "", params: params, metadata: metadata),
            lease: Lease(token: LeaseToken(owner: owner, claim: row.integer(4)).text, expiresAt: expiry))
    }
}

// MARK: - Looks

extension Claim {
    private func isAnythingDue(_ db: Database) throws -> Bool {
        let statement = try db.cachedStatement(
            sql: """
                SELECT EXISTS (SELECT 1 FROM tasks WHERE status = 1 AND not_before <= ?)
                    OR EXISTS (SELECT 1 FROM tasks WHERE status = 2 AND lease_expires_at <= ?)
                """)
        return try Bool.fetchOne(statement, arguments: [now.microseconds, now.microseconds]) ?? false
    }

    private func hasReady(_ db: Database, _ types: [Int64]) throws -> Bool {
        for type in types where try ReadyTasks.exist(of: type, db) { return true }
        return false
    }

    /// How long until a delayed task is due or a lease ends.
    private func nextMoment(_ db: Database) throws -> Duration? {
        let delayed = try Int64.fetchOne(
            try db.cachedStatement(sql: "SELECT min(not_before) FROM tasks WHERE status = 1"))
        let leased = try Int64.fetchOne(
            try db.cachedStatement(sql: "SELECT min(lease_expires_at) FROM tasks WHERE status = 2"))
        guard let moment = [delayed, leased].compactMap({ $0 }).min() else { return nil }
        // A little later than the moment: times are whole microseconds, and a look just before it would be for nothing.
        return now.duration(to: Timestamp(microseconds: moment)) + .microseconds(500)
    }

    private func failUnknownTypes(_ db: Database, _ state: inout QueueState) throws -> Bool {
        guard failsUnknownTypes, let host else { return false }
        let check = UnknownTypes(host: host, now: now, hostLifetime: leaseDuration * 10)
        return try check(db, &state)
    }
}
