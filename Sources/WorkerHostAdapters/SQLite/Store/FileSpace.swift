import Foundation
import GRDB
import WorkerHostCore

/// How the pages of the queue file are used, and giving back those that are not.
struct FileSpace {
    let pageSize: Int
    let pages: Int
    let freePages: Int
    /// Whether free pages can be given back without writing the whole file anew.
    let isIncremental: Bool

    init(_ db: Database) throws {
        pageSize = try Int.fetchOne(db, sql: "PRAGMA page_size") ?? 4096
        pages = try Int.fetchOne(db, sql: "PRAGMA page_count") ?? 0
        freePages = try Int.fetchOne(db, sql: "PRAGMA freelist_count") ?? 0
        isIncremental = try Int.fetchOne(db, sql: "PRAGMA auto_vacuum") == 2
    }

    /// So much is left to be filled again: what is given back now would only be asked for again.
    var reserve: Int { max(256, pages / 10) }

    /// Gives back at most so many pages from the end of the file; in a transaction of its own.
    static func giveBack(_ pages: Int, _ db: Database) throws {
        try db.execute(sql: "PRAGMA incremental_vacuum(\(max(1, pages)))")
    }

    /// Writes the log into the file, which takes its new size by that, and empties the log.
    ///
    /// Waits for nobody: while others read or write, the rest is left to the next time.
    static func checkpoint(_ db: Database, busyTimeout: Duration) throws {
        let row = try Row.fetchOne(db, sql: "PRAGMA wal_checkpoint(PASSIVE)")
        guard let row, row[1] as Int == row[2] as Int else { return }
        try db.execute(sql: "PRAGMA busy_timeout = 0")
        let result = Result { try db.execute(sql: "PRAGMA wal_checkpoint(TRUNCATE)") }
        try db.execute(sql: "PRAGMA busy_timeout = \(max(0, busyTimeout.wholeMicroseconds / 1000))")
        try result.get()
    }

    /// The size of a file, in bytes; 0 if it is not there.
    static func size(of path: String) -> Int64 {
        var information = stat()
        return stat(path, &information) == 0 ? Int64(information.st_size) : 0
    }
}
