import GRDB
public import WorkerHostCore

extension SQLiteTaskManager {
    /// Removes finished tasks that are older or more than `keep` allows, and gives the space back to the file system.
    ///
    /// Hosts may work meanwhile: each transaction takes some milliseconds. What is not finished is never removed.
    /// A host does the same by itself in the background, except that it keeps for a minute what has just finished and
    /// leaves some space free for new tasks.
    /// - Parameters:
    ///   - keep: nil takes ``Options/keep``.
    ///   - isDryRun: tells what would be removed, and changes nothing.
    /// - Throws: ``SQLiteQueueError``, `CancellationError`; what was removed before stays so.
    public func purge(
        _ keep: TaskManagerConfiguration.Retention? = nil, isDryRun: Bool = false
    ) async throws -> PurgeReport {
        try await purger.purge(keep ?? options.keep, isThorough: true, isDryRun: isDryRun).report
    }

    /// Writes the whole file anew, without free space and so that it can be made smaller while hosts work.
    ///
    /// Only files of versions that could not do that need it, once. Needs as much free disk space again as the file
    /// and its log take, twice; nobody else can write meanwhile, but everybody can read. Hosts wait for
    /// ``Options/busyTimeout``, then try again until they can report.
    /// - Returns: by how many bytes the files became smaller.
    /// - Throws: ``SQLiteQueueError``; the file is as it was then.
    public func compact() async throws(SQLiteQueueError) -> Int64 {
        let size = connection.size
        let timeout = options.busyTimeout
        try await connection.write { db, _ in
            try db.execute(sql: "PRAGMA auto_vacuum = INCREMENTAL")
            try db.execute(sql: "VACUUM")
            try FileSpace.checkpoint(db, busyTimeout: timeout)
        }
        return size - connection.size
    }
}
