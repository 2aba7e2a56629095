import GRDB

extension SQLiteQueueError {
    /// What an error from SQLite means for the user of the file.
    init(_ error: any Error, path: String, noun: String = QueueState.noun) {
        if let known = error as? SQLiteQueueError {
            self = known
        } else if let database = error as? DatabaseError {
            self.init(database, path: path, noun: noun)
        } else {
            self.init(
                .failed, path: path,
                message: "The \(noun) '\(path)' could not be used: \(error). Look at the system's log.")
        }
    }

    private init(_ error: DatabaseError, path: String, noun: String) {
        let (code, advice) = Self.meaning(of: error.resultCode)
        let detail = error.message ?? "result code \(error.extendedResultCode.rawValue)"
        self.init(code, path: path, message: "The \(noun) '\(path)' \(advice) (SQLite: \(detail)).")
    }

    private static func meaning(of code: ResultCode) -> (Code, String) {
        switch code {
        case .SQLITE_BUSY, .SQLITE_LOCKED:
            (.locked, "is locked by another program for longer than the busy timeout: find who holds it and try again")
        case .SQLITE_READONLY:
            (.readOnly, "may only be read: make it and its directory writable for this user")
        case .SQLITE_PERM, .SQLITE_AUTH:
            (.permissionDenied, "may not be used by this user: check its owner and mode")
        case .SQLITE_CANTOPEN:
            (.permissionDenied, "cannot be opened: this user must be able to read and write it and its directory")
        case .SQLITE_NOTADB:
            (.notADatabase, "is not an SQLite database; it was left untouched: name another file")
        case .SQLITE_CORRUPT:
            (
                .corrupt,
                "is damaged; it was left untouched: stop all hosts, copy the file with its -wal and -shm, "
                    + "and restore it from a backup or with 'sqlite3 FILE .recover'"
            )
        case .SQLITE_FULL:
            (.diskFull, "cannot grow, the disk is full: make room; nothing that was accepted before is lost")
        case .SQLITE_IOERR:
            (.failed, "could not be read or written: check the disk and the system's log")
        default:
            (.failed, "could not be used: check it with 'sqlite3 FILE \"PRAGMA integrity_check\"'")
        }
    }
}
