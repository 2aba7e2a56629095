import GRDB
import WorkerHostCore

extension SQLiteTaskManager {
    /// Waits until all these tasks are finished, by whatever process, and returns them in the same order.
    ///
    /// Sleeps until the file changes. When the calling task is cancelled it throws `CancellationError`.
    /// - Throws: ``SQLiteQueueError``, with ``SQLiteQueueError/Code/unknownTask`` for an id that does not exist;
    ///   `CancellationError`.
    public func waitUntilFinished(_ ids: [String]) async throws -> [StoredTask] {
        let numbers = try ids.map { id throws(SQLiteQueueError) in
            guard let number = Int64(id) else { throw unknownTask(id) }
            return number
        }
        // All of them must finish, so it is enough to look at the first few that were not yet.
        var position = 0
        while position < numbers.count {
            let seen = hub.changes(.finished)
            let chunk = Array(numbers[position..<min(position + 256, numbers.count)])
            let finished = try await countFinished(chunk)
            position += finished
            if finished == chunk.count { continue }
            try Task.checkCancellation()
            let longest = events.isWatching ? options.longestWait : options.pollInterval
            await events.wait(.finished, since: seen, until: MonotonicTime.after(longest))
            try Task.checkCancellation()
        }
        return try await connection.read { db in try Self.tasks(numbers, db) }
    }

    /// How many tasks at the beginning of the list are finished.
    private func countFinished(_ ids: [Int64]) async throws(SQLiteQueueError) -> Int {
        let (count, unknown) = try await connection.read { db -> (Int, Int64?) in
            let statement = try db.cachedStatement(sql: "SELECT status FROM tasks WHERE id = ?")
            var count = 0
            for id in ids {
                guard let code = try Int64.fetchOne(statement, arguments: [id]) else { return (count, id) }
                guard RowStatus(rawValue: code)?.status.isFinished == true else { break }
                count += 1
            }
            return (count, nil)
        }
        if let unknown { throw unknownTask(String(unknown)) }
        return count
    }

    private func unknownTask(_ id: String) -> SQLiteQueueError {
        SQLiteQueueError(
            .unknownTask, path: path, message: "There is no task '\(id)' in the queue file '\(path)': check the id.")
    }
}
