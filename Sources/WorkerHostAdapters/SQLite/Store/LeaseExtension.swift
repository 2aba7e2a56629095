import GRDB
import WorkerHostCore

/// Makes leases last longer. Only inside a write transaction.
struct LeaseExtension {
    let now: Timestamp
    let length: Duration

    /// - Returns: the ids of the tasks whose lease is lost.
    func callAsFunction(_ leases: [(taskID: String, lease: Lease)], _ db: Database) throws -> [String] {
        var lost: [String] = []
        var held: [Int64: (lease: LeaseRow, tasks: [Int64])] = [:]
        for (taskID, lease) in leases {
            guard let id = Int64(taskID), let token = LeaseToken(lease.token),
                let task = try RunningTask.find(id, db), task.claims == token.claim, task.lease.owner == token.owner
            else {
                lost.append(taskID)
                continue
            }
            held[task.lease.id, default: (task.lease, [])].tasks.append(id)
        }
        for (lease, tasks) in held.values { try extend(lease, tasks, db) }
        return lost
    }

    private func extend(_ lease: LeaseRow, _ tasks: [Int64], _ db: Database) throws {
        let expiry = now.advanced(by: length)
        try db.cachedStatement(sql: "UPDATE leases SET expires_at = ?, length = ? WHERE id = ? AND open = ?")
            .execute(arguments: [expiry.microseconds, length.wholeMicroseconds, lease.id, tasks.count])
        guard db.changesCount == 0 else { return }
        // Of the others nobody has said that they are still held: these get a lease of their own.
        let own = try LeaseRow.add(
            owner: lease.owner, claimedAt: lease.claimedAt, expiresAt: expiry, length: length, count: tasks.count, db)
        let move = try db.cachedStatement(sql: "UPDATE running SET lease_id = ? WHERE task_id = ?")
        for task in tasks { try move.execute(arguments: [own, task]) }
        try LeaseRow.settle(lease.id, Int64(tasks.count), db)
    }
}
