import GRDB
import WorkerHostCore

/// Fails claimable tasks that no host on the file has a worker for.
struct UnknownTypes {
    let host: HostIdentity
    let now: Timestamp
    /// Hosts that were not seen for so long do not count.
    let hostLifetime: Duration

    /// - Returns: whether tasks were failed.
    func callAsFunction(_ db: Database, _ state: inout QueueState) throws -> Bool {
        // Costs nothing while this host knows all types: their list is kept until a new type appears.
        let foreign = state.catalog.types(selectedBy: ["*"] + host.types.map { "!" + $0 })
        guard !foreign.isEmpty else { return false }
        let waiting = try foreign.filter { try ReadyTasks.exist(of: $0, db) }
        guard !waiting.isEmpty else { return false }
        var hasFailed = false
        try db.inTransaction(.immediate) {
            let time = now.advanced(by: .zero - hostLifetime)
            let others = try HostDirectory.selections(db, seenSince: time)
            for type in waiting {
                guard let name = state.catalog.names[type], !others.contains(where: { $0.matches(name) }) else {
                    continue
                }
                try fail(type, name, db)
                hasFailed = true
            }
            return .commit
        }
        return hasFailed
    }

    private func fail(_ type: Int64, _ name: String, _ db: Database) throws {
        let message =
            "no worker is configured for the task type '\(name)': add the type to the 'task_types' of a worker and "
            + "submit the task again, or set 'task_manager.unknown_types: leave' to keep such tasks for another host"
        let ids = try Int64.fetchAll(
            db,
            sql: """
                UPDATE task_rows SET status = 4, finished_at = ?, failure_kind = ?, failure_type = ?, failure_message = ?,
                    dedupe_state = dedupe_state & 2
                WHERE id IN (SELECT task_id FROM ready WHERE type_id = ? LIMIT ?) RETURNING id
                """,
            arguments: [
                now.microseconds, TaskFailure.Kind.noWorker.name, TaskFailure.Kind.noWorker.name, message, type,
                Recovery.batch,
            ])
        for id in ids {
            try ReadyTasks.remove(id, db)
            try Timeline.add(db, task: id, at: now, attempt: 0, kind: "failed", message: message)
        }
        var change = CountChange()
        change.move(ids.count, from: \.pending, to: \.failed)
        try change.write(db)
    }
}
