import Dispatch
import GRDB
import WorkerHostCore

/// What a kind of file is: its words, its schema, and what its writer remembers.
protocol StoreState: SendableMetatype {
    /// What the file holds: "queue".
    static var subject: String { get }
    /// Marks the file, so that another program's database is never mistaken for one.
    static var applicationID: Int64 { get }
    static var migrator: DatabaseMigrator { get }
    /// Nothing remembered yet.
    init()
    /// What was done last was rolled back.
    mutating func forget()
    /// Sets up a connection that only reads, which cannot migrate a file of an older version.
    static func prepareReading(_ db: Database) throws
}

extension StoreState {
    /// Nothing: every version of the file can be read as it is.
    static func prepareReading(_ db: Database) throws {}

    /// What the file is called in messages: "queue file".
    static var noun: String { "\(subject) file" }
}

/// The two connections to a file of the host's: one that writes, one that reads without waiting for it.
///
/// Work is handed to GRDB's own queues and awaited; a cancelled Swift task does not interrupt it, so that a claim is
/// either committed and answered or not made. `@unchecked`: ``state`` is touched on the writer's serial queue only.
final class StoreConnection<State: StoreState>: @unchecked Sendable {
    let path: String
    private let writer: DatabaseQueue?
    private let reader: DatabaseQueue
    private let checkpointer: Checkpointer
    private let closed = Guarded(false)
    private let alwaysFull: Bool
    private var isFull = false
    private var state = State()

    init(file: QueueFile, options: SQLiteTaskManager.Options) throws(SQLiteQueueError) {
        path = file.path
        alwaysFull = options.durability == .power
        checkpointer = Checkpointer(
            path: file.path, configuration: Self.configuration(options, "checkpoints", cacheKiB: 64))
        do {
            let exists = try file.check(options.access)
            if options.access == .readOnly {
                writer = nil
                reader = try Self.open(path, options, isReadOnly: true)
                try reader.inDatabase { db in
                    try Self.checkIdentity(db, path: file.path, isNew: false)
                    try State.prepareReading(db)
                }
            } else {
                let lock = OpenLock(directory: file.directory, timeout: options.busyTimeout)
                let queue = try Self.open(path, options, isReadOnly: false)
                try Self.prepare(queue, path: path, isNew: !exists)
                queue.inDatabase { [checkpointer] in checkpointer.attach(to: $0) }
                writer = queue
                reader = try Self.open(path, options, isReadOnly: true)
                _ = consume lock
            }
        } catch {
            throw SQLiteQueueError(error, path: file.path, noun: State.noun)
        }
    }

    /// The size of the file and its log, in bytes.
    var size: Int64 { FileSpace.size(of: path) + FileSpace.size(of: path + "-wal") }

    var isClosed: Bool { closed.withLock { $0 } }

    /// Runs `body` on the writer, outside of a transaction.
    /// - Parameter isDurable: whether what is committed is on the disk when this returns, whatever the options say.
    func write<Value: Sendable>(
        isDurable: Bool = false, _ body: @escaping @Sendable (Database, inout State) throws -> Value
    ) async throws(SQLiteQueueError) -> Value {
        guard let writer else {
            throw SQLiteQueueError(
                .readOnly, path: path,
                message: "The \(State.noun) '\(path)' was opened for reading only: open it anew for writing.")
        }
        try checkOpen()
        let result: Result<Value, any Error> = await withCheckedContinuation { continuation in
            writer.asyncWriteWithoutTransaction { db in
                continuation.resume(returning: self.perform(db, isDurable: isDurable, body))
            }
        }
        return try unwrap(result)
    }

    /// Runs `body` in one read transaction.
    func read<Value: Sendable>(
        _ body: @escaping @Sendable (Database) throws -> Value
    ) async throws(SQLiteQueueError) -> Value {
        try checkOpen()
        let result: Result<Value, any Error> = await withCheckedContinuation { continuation in
            reader.asyncRead { access in
                continuation.resume(returning: Result { try body(access.get()) })
            }
        }
        return try unwrap(result)
    }

    /// Closes the file; what was not begun yet throws ``SQLiteQueueError/Code/closed``.
    func close() async throws {
        let isFirst = closed.withLock { closed in
            defer { closed = true }
            return !closed
        }
        guard isFirst else { return }
        // Closing waits for what runs, so it is not done on one of Swift's few threads.
        let result: Result<Void, any Error> = await withCheckedContinuation { continuation in
            DispatchQueue.global().async { [reader, writer, checkpointer] in
                continuation.resume(
                    returning: Result {
                        try reader.close()
                        try checkpointer.close()
                        try writer?.close()
                    })
            }
        }
        try result.get()
    }

    private func perform<Value>(
        _ db: Database, isDurable: Bool, _ body: (Database, inout State) throws -> Value
    ) -> Result<Value, any Error> {
        Result {
            let isFull = isDurable || alwaysFull
            if isFull != self.isFull {
                try db.execute(sql: "PRAGMA synchronous = \(isFull ? "FULL" : "NORMAL")")
                self.isFull = isFull
            }
            do {
                return try body(db, &state)
            } catch {
                state.forget()
                throw error
            }
        }
    }

    private func checkOpen() throws(SQLiteQueueError) {
        guard isClosed else { return }
        throw SQLiteQueueError(.closed, path: path, message: "The \(State.noun) '\(path)' was closed: open it anew.")
    }

    private func unwrap<Value>(_ result: Result<Value, any Error>) throws(SQLiteQueueError) -> Value {
        switch result {
        case .success(let value): return value
        case .failure(let error):
            try checkOpen()
            throw SQLiteQueueError(error, path: path, noun: State.noun)
        }
    }
}

// MARK: - Opening

extension StoreConnection {
    private static func open(
        _ path: String, _ options: SQLiteTaskManager.Options, isReadOnly: Bool
    ) throws -> DatabaseQueue {
        var configuration =
            isReadOnly
            ? Self.configuration(options, "reader", cacheKiB: 256)
            : Self.configuration(options, "writer", cacheKiB: 1024)
        configuration.readonly = isReadOnly
        return try DatabaseQueue(path: path, configuration: configuration)
    }

    private static func configuration(
        _ options: SQLiteTaskManager.Options, _ name: String, cacheKiB: Int
    ) -> Configuration {
        var configuration = Configuration()
        configuration.label = "workerhost.\(State.subject).\(name)"
        configuration.busyMode = .timeout(max(0, options.busyTimeout.inSeconds))
        configuration.prepareDatabase { db in
            // A claim touches a few dozen pages; the rest is the system's page cache.
            try db.execute(sql: "PRAGMA cache_size = -\(cacheKiB)")
            if !db.configuration.readonly { try db.execute(sql: "PRAGMA journal_size_limit = 67108864") }
        }
        return configuration
    }

    private static func prepare(_ queue: DatabaseQueue, path: String, isNew: Bool) throws {
        try queue.writeWithoutTransaction { db in
            try checkIdentity(db, path: path, isNew: isNew)
            // Takes effect while the file has no table yet, and when it is compacted.
            try db.execute(sql: "PRAGMA auto_vacuum = INCREMENTAL")
            let mode = try String.fetchOne(db, sql: "PRAGMA journal_mode = WAL")
            guard mode == "wal" else {
                throw SQLiteQueueError(
                    .failed, path: path,
                    message: "The \(State.noun) '\(path)' cannot be switched to write-ahead logging (it stays in mode "
                        + "'\(mode ?? "unknown")'): its file system may lack shared memory; move it to a local disk.")
            }
            try db.execute(sql: "PRAGMA synchronous = NORMAL")
        }
        try State.migrator.migrate(queue)
    }

    /// Refuses, before anything is written, a database that is of another kind or is a newer one.
    private static func checkIdentity(_ db: Database, path: String, isNew: Bool) throws {
        let id = try Int64.fetchOne(db, sql: "PRAGMA application_id") ?? 0
        let tables = try Int.fetchOne(db, sql: "SELECT count(*) FROM sqlite_master") ?? 0
        if id != State.applicationID, tables > 0 {
            throw SQLiteQueueError(
                .foreignDatabase, path: path,
                message: "The file '\(path)' is an SQLite database of another program and was left untouched: "
                    + "name another file for the \(State.subject).")
        }
        if id == State.applicationID, try State.migrator.hasBeenSuperseded(db) {
            throw SQLiteQueueError(
                .newerSchema, path: path,
                message: "The \(State.noun) '\(path)' was written by a newer version of WorkerHost: "
                    + "use that version or a newer one.")
        }
    }
}
