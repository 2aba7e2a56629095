import GRDB
import WorkerHostCore

extension QueueConnection {
    /// Takes the write lock and gives it back, writing nothing: rights alone say nothing of locks and of file systems
    /// gone read-only.
    /// - Throws: ``SQLiteQueueError`` why nothing could be written.
    static func tryWriteLock(_ file: QueueFile, options: SQLiteTaskManager.Options) throws(SQLiteQueueError) {
        do {
            var configuration = Configuration()
            configuration.label = "workerhost.queue.doctor"
            configuration.busyMode = .timeout(max(0, options.busyTimeout.inSeconds))
            let queue = try DatabaseQueue(path: file.path, configuration: configuration)
            try queue.writeWithoutTransaction { db in try db.inTransaction(.immediate) { .rollback } }
            try queue.close()
        } catch {
            throw SQLiteQueueError(error, path: file.path)
        }
    }
}
