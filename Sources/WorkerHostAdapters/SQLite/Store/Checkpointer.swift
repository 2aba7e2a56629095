import GRDB
import GRDBSQLite
import Synchronization
import WorkerHostCore

/// Moves what was committed from the write-ahead log into the queue file, on a connection of its own: the disk is waited
/// for there, while the writer goes on.
///
/// Beside a writer that never rests the log is never moved to its end, so it would grow for ever: from a size on the writer
/// moves the rest itself, and begins the log anew.
final class Checkpointer: Sendable {
    /// So many pages are worth it; SQLite's own number.
    private static let worthwhile: Int32 = 1000
    /// With so many pages, 64 MiB as a rule, the writer does it.
    private static let most: Int32 = 16_384

    private let path: String
    private let configuration: Configuration
    private let isRunning = Atomic(false)
    private let connection = Guarded<DatabaseQueue?>(nil)

    /// - Parameter configuration: of the connection, which is opened when it is needed first.
    init(path: String, configuration: Configuration) {
        self.path = path
        self.configuration = configuration
    }

    /// Takes the place of SQLite's own checkpoints on the writer's connection, which must not outlive this.
    func attach(to writer: Database) {
        sqlite3_wal_hook(
            writer.sqliteConnection,
            { context, connection, name, pages in
                guard let context, pages >= Checkpointer.worthwhile else { return SQLITE_OK }
                let checkpointer = Unmanaged<Checkpointer>.fromOpaque(context).takeUnretainedValue()
                if pages >= Checkpointer.most || !checkpointer.start() {
                    // As SQLite's own: what it cannot do now it can do after the next commit.
                    sqlite3_wal_checkpoint_v2(connection, name, SQLITE_CHECKPOINT_PASSIVE, nil, nil)
                }
                return SQLITE_OK
            }, Unmanaged.passUnretained(self).toOpaque())
    }

    /// Waits for what runs, and ends the connection.
    func close() throws {
        let open = connection.withLock { connection in
            defer { connection = nil }
            return connection
        }
        try open?.close()
    }

    /// Has it done beside the writer; false if that is not possible.
    private func start() -> Bool {
        guard isRunning.compareExchange(expected: false, desired: true, ordering: .acquiring).exchanged else {
            return true
        }
        let open = connection.withLock { connection in
            // Without a connection of its own, as when descriptors are scarce, the writer does it.
            if connection == nil { connection = try? DatabaseQueue(path: path, configuration: configuration) }
            return connection
        }
        guard let open else {
            isRunning.store(false, ordering: .releasing)
            return false
        }
        open.asyncWriteWithoutTransaction { db in
            sqlite3_wal_checkpoint_v2(db.sqliteConnection, nil, SQLITE_CHECKPOINT_PASSIVE, nil, nil)
            self.isRunning.store(false, ordering: .releasing)
        }
        return true
    }
}
