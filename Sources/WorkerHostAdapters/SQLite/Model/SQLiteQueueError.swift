/// Why the queue file could not be used.
///
/// ``description`` names the file, what happened and what to do.
public struct SQLiteQueueError: Error, Sendable, CustomStringConvertible {
    /// The cause, for programs.
    public struct Code: Sendable, Hashable, CustomStringConvertible {
        private enum Value: String {
            case directoryMissing, fileMissing, permissionDenied, readOnly, locked, notADatabase, corrupt
            case foreignDatabase, newerSchema, networkFileSystem, diskFull, invalidTask, unknownTask, closed, failed
        }

        private let value: Value

        /// The directory of the file does not exist.
        public static let directoryMissing = Code(value: .directoryMissing)
        /// The file does not exist and was not to be created.
        public static let fileMissing = Code(value: .fileMissing)
        /// The file or its directory may not be opened.
        public static let permissionDenied = Code(value: .permissionDenied)
        /// The file may only be read.
        public static let readOnly = Code(value: .readOnly)
        /// Another program held the file's write lock for longer than the busy timeout.
        public static let locked = Code(value: .locked)
        /// The file is no SQLite database.
        public static let notADatabase = Code(value: .notADatabase)
        /// The database is damaged.
        public static let corrupt = Code(value: .corrupt)
        /// The database belongs to another program.
        public static let foreignDatabase = Code(value: .foreignDatabase)
        /// The queue was written by a newer version of this library.
        public static let newerSchema = Code(value: .newerSchema)
        /// The file lies on a network file system, where SQLite's locks and shared memory do not work.
        public static let networkFileSystem = Code(value: .networkFileSystem)
        /// The disk is full.
        public static let diskFull = Code(value: .diskFull)
        /// A task that was to be added is not valid; nothing was added.
        public static let invalidTask = Code(value: .invalidTask)
        /// There is no task of that id.
        public static let unknownTask = Code(value: .unknownTask)
        /// The queue was shut down.
        public static let closed = Code(value: .closed)
        /// Anything else that SQLite reports.
        public static let failed = Code(value: .failed)

        /// The cause's name.
        public var description: String { value.rawValue }
    }

    /// The cause.
    public let code: Code
    /// The queue file.
    public let path: String
    /// What happened and what to do.
    public let message: String
    /// For ``Code/invalidTask``: the task's place in the list that was given, from 0.
    public let taskIndex: Int?

    init(_ code: Code, path: String, message: String, taskIndex: Int? = nil) {
        self.code = code
        self.path = path
        self.message = message
        self.taskIndex = taskIndex
    }

    /// The message.
    public var description: String { message }
}
