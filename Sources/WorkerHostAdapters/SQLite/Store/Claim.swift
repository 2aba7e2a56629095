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

    private func lease(
        _ places: [ReadyTasks.Place], _ db: Database, _ catalog: TypeCatalog
    ) throws -> [LeasedTask] {
        guard !places.isEmpty else { return [] }
        let expiry = now.advanced(by: leaseDuration)
        let lease = try LeaseRow.add(
            owner: owner, claimedAt: now.microseconds, expiresAt: expiry, length: leaseDuration, count: places.count, db
        )
        let (select, insert, delete) = (
            try HotStatement(db, sql: Self.select), try HotStatement(db, sql: Self.insert),
            try HotStatement(db, sql: ReadyTasks.delete)
        )
        var tasks: [LeasedTask] = []
        tasks.reserveCapacity(places.count)
        for place in places {
            try delete.bind(1, place.type)
            try delete.bind(2, place.priority)
            try delete.bind(3, place.id)
            try delete.run()
            var running: (attempts: Int64, claims: Int64, isPlain: Bool)?
            try select.bind(1, place.id)
            try select.run {
                let (attempts, claims) = (select.integer(0) + 1, select.integer(1) + 1)
                running = (attempts, claims, select.isNull(7) && select.isNull(8))
                tasks.append(try leasedTask(place, select, attempts, claims, expiry, db, catalog))
            }
            guard let running else { continue }
            try insert.bind(1, place.id)
            try insert.bind(2, lease)
            try insert.bind(3, running.attempts)
            try insert.bind(4, running.claims)
            try insert.bind(5, running.isPlain ? 1 : 0)
            try insert.run()
        }
        return tasks
    }

    static let select = """
        SELECT attempts, claims, created_at, deadline, trace_parent, extra, params, failure_kind, dedupe_key FROM task_rows
        WHERE id = ?
        """

    static let insert = "INSERT INTO running (task_id, lease_id, attempts, claims, is_plain) VALUES (?, ?, ?, ?, ?)"

    private func leasedTask(
        _ place: ReadyTasks.Place, _ row: HotStatement, _ attempts: Int64, _ claims: Int64, _ expiry: Timestamp,
        _ db: Database, _ catalog: TypeCatalog
    ) throws -> LeasedTask {
        let metadata = TaskMetadata(
            priority: Int(place.priority), createdAt: Timestamp(microseconds: row.integer(2)), attempt: Int(attempts),
            deadline: row.optionalInteger(3).map(Timestamp.init(microseconds:)), traceParent: row.text(4),
            extra: row.bytes(5).map(RawJSON.init(unchecked:)))
        let params = try row.bytes(6).map(RawJSON.init(unchecked:)) ?? LargeParams.fetch(db, task: place.id)
        return LeasedTask(
            task: WorkerTask(
                id: String(place.id), type: catalog.names[place.type] ?? "", params: params, metadata: metadata),
            lease: Lease(token: LeaseToken(owner: owner, claim: claims).text, expiresAt: expiry))
    }
}

// MARK: - Looks

extension Claim {
    private func isAnythingDue(_ db: Database) throws -> Bool {
        let statement = try db.cachedStatement(
            sql: """
                SELECT EXISTS (SELECT 1 FROM task_rows WHERE status = 1 AND not_before <= ?)
                    OR EXISTS (SELECT 1 FROM leases WHERE expires_at <= ?)
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
            try db.cachedStatement(sql: "SELECT min(not_before) FROM task_rows WHERE status = 1"))
        let leased = try Int64.fetchOne(try db.cachedStatement(sql: "SELECT min(expires_at) FROM leases"))
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
