import GRDB
import Logging
public import WorkerHostCore

/// Looks at a queue file for the ``/WorkerHostCore/Doctor``: without leasing, adding or migrating anything.
public struct SQLiteDiagnostician: TaskManagerDiagnostician {
    private let path: String
    private let options: SQLiteTaskManager.Options
    static let subject = "queue"

    /// A look at the queue of a configuration.
    /// - Parameter path: the queue's file.
    public init(path: String, options: SQLiteTaskManager.Options = SQLiteTaskManager.Options()) {
        self.path = path
        var options = options
        options.access = .readOnly
        // A lock that is held for longer than this is what is looked for.
        options.busyTimeout = min(options.busyTimeout, .seconds(2))
        self.options = options
    }

    /// File, rights, disk, schema, locks, hosts, and the tasks that wait.
    public func examine(_ configuration: HostConfiguration, machine: MachineView) async -> TaskManagerFindings {
        let file = QueueFile(path: path)
        do throws(SQLiteQueueError) {
            let storage = StorageCheck(
                machine: machine, id: "task_manager", subject: Self.subject, directory: file.directory)
            if let finding = storage.run(), finding.status == .problem { return TaskManagerFindings([finding]) }
            guard try file.check(.create) else { return TaskManagerFindings([storage.run() ?? Self.absent(file)]) }
            let content = try await look(file)
            let checks = QueueContentChecks(
                content: content, configuration: configuration, storage: storage.run())
            return TaskManagerFindings(checks.run(), newestTime: content.newest)
        } catch {
            return TaskManagerFindings([finding(error, file, configuration)])
        }
    }

    private func look(_ file: QueueFile) async throws(SQLiteQueueError) -> QueueContent {
        let options = options
        // The last writer that closes a file moves its log into it. A log that was there before is left as it was.
        let hadLog = file.hasLog
        let queue = try await blocking { () throws(SQLiteQueueError) in
            try SQLiteTaskManager(
                path: file.path, options: options,
                logger: Logger(label: "workerhost.doctor", factory: { _ in SwiftLogNoOpLogHandler() }))
        }
        let content: QueueContent
        do throws(SQLiteQueueError) {
            let overview = try await queue.overview()
            content = try await queue.connection.read { db in try QueueContent(db, overview: overview) }
            if hadLog { try await tryWriting(file) }
        } catch {
            await queue.shutdown()
            throw error
        }
        await queue.shutdown()
        if !hadLog { try await tryWriting(file) }
        return content
    }

    private func tryWriting(_ file: QueueFile) async throws(SQLiteQueueError) {
        let options = options
        try await blocking { () throws(SQLiteQueueError) in
            try QueueConnection.tryWriteLock(file, options: options)
        }
    }

    /// SQLite blocks; Swift's few threads are not for that. The doctor waits for less long than this.
    private func blocking<Value: Sendable>(
        _ body: @escaping @Sendable () throws(SQLiteQueueError) -> Value
    ) async throws(SQLiteQueueError) -> Value {
        let result: Result<Value, SQLiteQueueError>
        do throws(BoundedStep.Failure) {
            result = try await BoundedStep.run(atMost: .seconds(3600)) {
                do throws(SQLiteQueueError) { return .success(try body()) } catch { return .failure(error) }
            }
        } catch {
            throw SQLiteQueueError(
                .failed, path: path, message: "The queue file '\(path)' could not be looked at: \(error).")
        }
        return try result.get()
    }

    private static func absent(_ file: QueueFile) -> Diagnosis {
        Diagnosis(
            .ok, id: "task_manager", subject: subject,
            "\(file.path) does not exist yet; the first 'submit' or 'run' makes it", facts: ["path": .text(file.path)])
    }

    private func finding(_ error: SQLiteQueueError, _ file: QueueFile, _ configuration: HostConfiguration) -> Diagnosis
    {
        // The host makes its own directory, any other is the operator's to make.
        if error.code == .directoryMissing, file.directory == QueueFile(path: configuration.stateDirectory).path {
            return Self.absent(file)
        }
        let isPassing = error.code == .locked
        return Diagnosis(
            isPassing ? .warning : .problem, id: "task_manager", subject: Self.subject, error.message,
            advice: Self.advice(error.code), facts: ["path": .text(error.path), "code": .text("\(error.code)")])
    }

    private static func advice(_ code: SQLiteQueueError.Code) -> String {
        switch code {
        case .locked: "'fuser -v FILE' shows who has it open; hosts wait for the lock, but lease nothing meanwhile."
        case .corrupt: "'sqlite3 FILE \"PRAGMA integrity_check\"' shows what is damaged."
        case .newerSchema: "Start the newer program, or restore the copy made before the upgrade."
        case .networkFileSystem: "Set task_manager.path to a local disk."
        case .diskFull: "'df -h' shows the disk; 'df -i' its files."
        default: "Correct task_manager.path, or the rights of the file and its directory."
        }
    }
}
