import GRDB
public import Logging
public import WorkerHostCore

/// The embedded TaskManager: a durable queue in one SQLite file, shared by any number of processes of one machine.
///
/// Use ``enqueue(_:)`` to add tasks, hand the manager to a ``/WorkerHostCore/WorkerHost`` to have them run, and
/// ``task(id:)``, ``tasks(matching:)`` and ``timeline(of:)`` to see what became of them. A finished task is kept, with
/// its result or its failure, as long as ``Options/keep`` says.
///
/// A manager holds two connections and one thread that sleeps until the file changes; ``shutdown()`` ends them.
public final class SQLiteTaskManager: TaskManagerAdapter, Sendable {
    /// The queue file; absolute.
    public let path: String
    let options: Options
    let logger: Logger
    let connection: QueueConnection
    let events: EventThread
    let hub = ChangeHub()
    let role: Guarded<Role>
    let health = Guarded(Health())
    let purger: Purger
    let retention = RetentionKeeper()
    /// Requests for leases of this host that it was told of.
    let toldCancellations = Guarded<Set<CancelRequest>>([])

    /// Under which name leases are held.
    struct Role {
        var owner: String
        var host: HostIdentity?
    }

    /// Opens a queue file and, unless the options say otherwise, creates it.
    ///
    /// Blocks the calling thread for some milliseconds, or while another process creates the same file.
    /// - Throws: ``SQLiteQueueError`` saying what is wrong with the file; a file that is no queue is left untouched.
    public init(
        path: String, options: Options = Options(), logger: Logger = Logger(label: "workerhost.sqlite")
    ) throws(SQLiteQueueError) {
        let file = QueueFile(path: path)
        self.path = file.path
        self.options = options.bounded
        self.logger = logger
        connection = try QueueConnection(file: file, options: options)
        events = try EventThread(hub: hub, files: file, usesFileEvents: options.usesFileEvents)
        purger = Purger(connection: connection, options: self.options)
        role = Guarded(Role(owner: "manager-\(UInt64.random(in: .min ... .max))"))
        if let kind = file.fileSystem, FileSystemKind.isDoubtful(kind) {
            logger.warning(
                "The queue file lies on a file system that may not support SQLite's locks between programs.",
                metadata: ["path": "\(file.path)", "file_system": "\(kind)"])
        }
        if !events.isWatching, options.usesFileEvents {
            logger.warning(
                "The system gives no file events: looking for work at intervals.",
                metadata: ["path": "\(file.path)", "poll_interval": "\(options.pollInterval)"])
        }
    }

    deinit {
        retention.cancel()
        events.stop()
    }

    /// How long a lease lasts unless it is extended.
    public var leaseDuration: Duration? { options.leaseDuration }

    /// Registers the host under its id; its leases are held under it from now on, and old finished tasks are removed
    /// in the background as ``Options/keep`` says.
    /// - Throws: ``SQLiteQueueError``.
    public func start(_ host: HostIdentity) async throws(SQLiteQueueError) {
        let now = options.now()
        try await connection.write { db, state in
            try db.inTransaction(.immediate) {
                try state.hosts.register(host, db, now: now)
                return .commit
            }
        }
        role.withLock { $0 = Role(owner: host.id, host: host) }
        retention.start(purger, logger: logger)
    }

    /// Registers the types that the host has workers for now.
    /// - Throws: ``SQLiteQueueError``.
    public func update(_ host: HostIdentity) async throws(SQLiteQueueError) { try await start(host) }

    /// Takes the host off the list of living ones, ends all waits and closes the file.
    public func shutdown() async {
        events.stop()
        await retention.stop()
        do {
            if !connection.isClosed, let host = role.withLock({ $0.host }) {
                try await connection.write { db, state in try state.hosts.remove(host.id, db) }
            }
            try await connection.close()
        } catch {
            logger.warning(
                "The queue file could not be closed cleanly; nothing is lost by that.",
                metadata: ["path": "\(path)", "error": "\(error)"])
        }
    }
}
