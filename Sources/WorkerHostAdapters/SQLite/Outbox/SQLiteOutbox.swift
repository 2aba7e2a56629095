import GRDB
public import WorkerHostCore

/// An ``/WorkerHostCore/Outbox`` in one SQLite file, shared by the hosts of one state directory.
///
/// A host gives it to a ``/WorkerHostCore/DeliveringTaskManager``. To look into it, or to change it by hand while hosts
/// use it, open it and use ``entries(limit:after:onlyRejected:)``, ``retry(_:)`` and ``discard(_:)``.
///
/// Beside the file lies one small file for each host that uses it, locked as long as the host lives.
public final class SQLiteOutbox: Outbox, Sendable {
    /// How the outbox is used.
    public struct Options: Sendable {
        /// What may be done with the file.
        public var access: SQLiteTaskManager.Options.Access
        /// What survives a loss of power, as for the queue.
        public var durability: TaskManagerConfiguration.Durability
        /// How long outcomes are kept that the TaskManager refused.
        public var keepRejected: Duration
        /// Most such outcomes; the oldest go first.
        public var mostRejected: Int
        /// How long the failures of tasks are remembered that are not to run again.
        public var rememberFailures: Duration
        /// Most such failures; the oldest go first.
        public var mostFailures: Int
        /// How long to wait for another program's write lock.
        public var busyTimeout: Duration

        /// Options: 30 days and 1000 outcomes that were refused, 7 days and 10,000 failures.
        public init(
            access: SQLiteTaskManager.Options.Access = .create,
            durability: TaskManagerConfiguration.Durability = .process,
            keepRejected: Duration = .seconds(30 * 86_400), mostRejected: Int = 1000,
            rememberFailures: Duration = .seconds(7 * 86_400), mostFailures: Int = 10_000,
            busyTimeout: Duration = .seconds(10)
        ) {
            self.access = access
            self.durability = durability
            self.keepRejected = keepRejected
            self.mostRejected = mostRejected
            self.rememberFailures = rememberFailures
            self.mostFailures = mostFailures
            self.busyTimeout = busyTimeout
        }
    }

    /// The file's name in a state directory.
    public static let fileName = "outbox.sqlite"

    /// The outbox file; absolute.
    public let path: String
    let options: Options
    let connection: OutboxConnection
    private let lock = Guarded<OwnerLock?>(nil)

    /// Opens an outbox and, unless the options say otherwise, creates it. Blocks the calling thread for some
    /// milliseconds.
    /// - Throws: ``SQLiteQueueError`` saying what is wrong with the file; a file that is no outbox is left untouched.
    public init(path: String, options: Options = Options()) throws(SQLiteQueueError) {
        let file = QueueFile(path: path, noun: OutboxState.noun)
        self.path = file.path
        self.options = options
        connection = try OutboxConnection(
            file: file,
            options: SQLiteTaskManager.Options(
                access: options.access, durability: options.durability, busyTimeout: options.busyTimeout))
    }

    /// Registers the host; its lock says that it lives until it is closed or the process ends.
    /// - Throws: ``SQLiteQueueError``.
    public func open(owner: String) async throws(SQLiteQueueError) {
        do throws(SystemError) {
            let own = try OwnerLock.take(outbox: path, owner: owner)
            lock.withLock { $0 = own }
        } catch {
            throw SQLiteQueueError(
                .permissionDenied, path: path,
                message: "The outbox file '\(path)' cannot be used by this host: \(error). Make its directory writable."
            )
        }
        let (options, now) = (options, Timestamp.now)
        try await connection.write { db, state in
            try db.inTransaction(.immediate) {
                try db.execute(sql: "INSERT INTO owners (name) VALUES (?)", arguments: [owner])
                state.owner = db.lastInsertedRowID
                state.edits = try Int64.fetchOne(db, sql: "SELECT count FROM edits") ?? 0
                try Self.prune(db, options, now)
                return .commit
            }
        }
    }

    /// Takes over the entries of hosts that have died.
    /// - Throws: ``SQLiteQueueError``.
    public func adopt() async throws(SQLiteQueueError) -> [OutboxEntry] {
        let path = path
        return try await connection.write { db, state in
            let own = state.owner
            let others = try Row.fetchAll(db, sql: "SELECT id, name FROM owners WHERE id <> ?", arguments: [own])
            var entries: [OutboxEntry] = []
            for row in others {
                let id: Int64 = row[0]
                guard let remains = OwnerLock.ofDead(outbox: path, owner: row[1]) else { continue }
                try db.inTransaction(.immediate) {
                    entries += try EntryStatements.entries(db, of: id)
                    try db.execute(sql: "UPDATE entries SET owner = ? WHERE owner = ?", arguments: [own, id])
                    try db.execute(sql: "DELETE FROM owners WHERE id = ?", arguments: [id])
                    return .commit
                }
                remains.remove()
            }
            return entries.sorted { $0.id < $1.id }
        }
    }

    /// Closes the file. What is left is taken over by the next host.
    public func close() async {
        do {
            try await connection.write { db, state in
                let hasEntries = try Bool.fetchOne(
                    db, sql: "SELECT EXISTS (SELECT 1 FROM entries WHERE owner = ?)", arguments: [state.owner])
                guard hasEntries == false else { return }
                try db.execute(sql: "DELETE FROM owners WHERE id = ?", arguments: [state.owner])
                // A long time without the TaskManager has made the file large.
                try FileSpace.giveBack(Self.pagesGivenBack, db)
            }
        } catch {
            // The next host finds a dead owner, which costs it a look and nothing else.
        }
        lock.withLock { lock in
            lock?.remove()
            lock = nil
        }
        // What was committed is in the file or its log, whether or not it can be closed.
        do { try await connection.close() } catch { return }
    }

    private static let pagesGivenBack = 16_384

    /// Removes what is kept beyond its bounds.
    static func prune(_ db: Database, _ options: Options, _ now: Timestamp) throws {
        try db.execute(
            sql: "DELETE FROM entries WHERE state = 1 AND settled_at < ?",
            arguments: [now.advanced(by: .zero - options.keepRejected).microseconds])
        try db.execute(
            sql: """
                DELETE FROM entries WHERE id IN (
                    SELECT id FROM entries WHERE state = 1 ORDER BY settled_at DESC LIMIT -1 OFFSET ?)
                """, arguments: [options.mostRejected])
        try db.execute(
            sql: "DELETE FROM failures WHERE at < ?",
            arguments: [now.advanced(by: .zero - options.rememberFailures).microseconds])
        try db.execute(
            sql: """
                DELETE FROM failures WHERE task_id IN (
                    SELECT task_id FROM failures ORDER BY at DESC LIMIT -1 OFFSET ?)
                """, arguments: [options.mostFailures])
    }
}
