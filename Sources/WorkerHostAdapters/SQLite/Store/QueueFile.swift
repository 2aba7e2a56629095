import WorkerHostCore

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// Looks at a file of the host's from outside, before SQLite opens it.
///
/// The file itself is never opened here: closing a second descriptor of it would drop the locks that SQLite holds.
struct QueueFile {
    let path: String
    let directory: String
    let name: String
    /// What it is called in messages.
    let noun: String

    init(path: String, noun: String = QueueState.noun) {
        let given = path.hasPrefix("/") ? path : Self.currentDirectory + "/" + path
        // SQLite keeps its other files beside the real one.
        let slash = given.lastIndex(of: "/") ?? given.startIndex
        let parent = slash == given.startIndex ? "/" : String(given[..<slash])
        let inParent = Self.resolved(parent).map { ($0 == "/" ? "" : $0) + given[slash...] }
        self.init(absolute: Self.resolved(given) ?? inParent ?? given, noun: noun)
    }

    private init(absolute: String, noun: String) {
        let slash = absolute.lastIndex(of: "/") ?? absolute.startIndex
        self.noun = noun
        self.path = absolute
        self.directory = slash == absolute.startIndex ? "/" : String(absolute[..<slash])
        self.name = String(absolute[absolute.index(after: slash)...])
    }

    /// The path behind symbolic links; nil if the file does not exist.
    private static func resolved(_ path: String) -> String? {
        guard let real = realpath(path, nil) else { return nil }
        defer { free(real) }
        return String(cString: real)
    }

    private static var currentDirectory: String {
        guard let path = getcwd(nil, 0) else { return "." }
        defer { free(path) }
        return String(cString: path)
    }

    /// Whether the file exists.
    func check(_ access: SQLiteTaskManager.Options.Access) throws(SQLiteQueueError) -> Bool {
        guard !name.isEmpty else {
            throw SQLiteQueueError(
                .fileMissing, path: path, message: "The \(noun) '\(path)' is a directory: name a file.")
        }
        var status = stat()
        guard stat(directory, &status) == 0, status.st_mode & S_IFMT == S_IFDIR else {
            throw SQLiteQueueError(
                .directoryMissing, path: path,
                message: "The directory '\(directory)' of the \(noun) '\(path)' does not exist: create it.")
        }
        let exists = stat(path, &status) == 0
        if exists, status.st_mode & S_IFMT != S_IFREG {
            throw SQLiteQueueError(
                .notADatabase, path: path,
                message: status.st_mode & S_IFMT == S_IFDIR
                    ? "The \(noun) '\(path)' is a directory: name a file."
                    : "The \(noun) '\(path)' is no regular file: name another one.")
        }
        if !exists, access != .create {
            throw SQLiteQueueError(
                .fileMissing, path: path,
                message: "The \(noun) '\(path)' does not exist: submit a task or start a host to create it.")
        }
        try checkFileSystem()
        try checkPermissions(exists: exists, access)
        return exists
    }

    /// Whether SQLite's log lies beside the file.
    var hasLog: Bool { access("\(path)-wal", F_OK) == 0 }

    /// The kind of the file system, as the kernel names it; nil if it cannot be told.
    var fileSystem: String? { FileSystemKind.of(directory) }

    private func checkFileSystem() throws(SQLiteQueueError) {
        guard let kind = fileSystem, FileSystemKind.isNetwork(kind) else { return }
        throw SQLiteQueueError(
            .networkFileSystem, path: path,
            message: "The \(noun) '\(path)' lies on a network file system (\(kind)), on which SQLite's locks and "
                + "shared memory do not work between machines: move it to a local disk.")
    }

    private func checkPermissions(
        exists: Bool, _ mode: SQLiteTaskManager.Options.Access
    ) throws(SQLiteQueueError) {
        let wanted = mode == .readOnly ? R_OK : R_OK | W_OK
        if exists, access(path, wanted) != 0 {
            let isReadable = access(path, R_OK) == 0
            throw SQLiteQueueError(
                isReadable ? .readOnly : .permissionDenied, path: path,
                message: "The \(noun) '\(path)' may not be \(isReadable ? "written" : "read") by this user: "
                    + "check its owner and mode.")
        }
        // Beside the file SQLite keeps -wal and -shm.
        if mode != .readOnly, access(directory, W_OK | X_OK) != 0 {
            throw SQLiteQueueError(
                .readOnly, path: path,
                message: "The directory '\(directory)' of the \(noun) '\(path)' may not be written by this user, "
                    + "but SQLite keeps files beside it: check its owner and mode.")
        }
    }
}
