import Foundation
import GRDB
import Testing
import WorkerHostCore

@testable import WorkerHostSQLite

/// The wording of the queue's errors: the file, what happened, what to do.
struct ErrorTextTests {
    private let fixture: QueueFixture

    init() throws { fixture = try QueueFixture() }

    private func text(_ body: () async throws -> Void) async -> String {
        do {
            try await body()
            return "none"
        } catch {
            return "\(error)".replacing(fixture.directory, with: "DIR")
        }
    }

    private func opening(
        _ name: String = "queue.sqlite", _ access: SQLiteTaskManager.Options.Access = .create
    ) async -> String {
        await text {
            _ = try SQLiteTaskManager(path: "\(fixture.directory)/\(name)", options: .init(access: access))
        }
    }

    @Test func `A file that cannot be opened`() async throws {
        #expect(
            await opening("no/queue.sqlite")
                == "The directory 'DIR/no' of the queue file 'DIR/no/queue.sqlite' does not exist: create it.")
        #expect(
            await opening("queue.sqlite", .readOnly)
                == "The queue file 'DIR/queue.sqlite' does not exist: submit a task or start a host to create it.")
        try FileManager.default.createDirectory(
            atPath: fixture.directory + "/folder", withIntermediateDirectories: true)
        #expect(await opening("folder") == "The queue file 'DIR/folder' is a directory: name a file.")
        mkfifo("\(fixture.directory)/fifo", 0o600)
        #expect(await opening("fifo") == "The queue file 'DIR/fifo' is no regular file: name another one.")
        try Data(String(repeating: "text ", count: 2000).utf8)
            .write(to: URL(fileURLWithPath: fixture.directory + "/text"))
        #expect(
            await opening("text")
                == "The queue file 'DIR/text' is not an SQLite database; it was left untouched: name another file "
                + "(SQLite: file is not a database).")
        try await DatabaseQueue(path: fixture.directory + "/ideas").write {
            try $0.execute(sql: "CREATE TABLE ideas (id INTEGER)")
        }
        #expect(
            await opening("ideas")
                == "The file 'DIR/ideas' is an SQLite database of another program and was left untouched: name another "
                + "file for the queue.")
        await (try fixture.open()).shutdown()
        try await DatabaseQueue(path: fixture.path).write {
            try $0.execute(sql: "INSERT INTO grdb_migrations (identifier) VALUES ('99 future')")
        }
        #expect(
            await opening()
                == "The queue file 'DIR/queue.sqlite' was written by a newer version of WorkerHost: use that "
                + "version or a newer one.")
    }

    @Test func `A queue that cannot be used any more`() async throws {
        let manager = try fixture.openImpatient()
        #expect(
            await text { _ = try await manager.waitUntilFinished(["99"]) }
                == "There is no task '99' in the queue file 'DIR/queue.sqlite': check the id.")
        let looking = try fixture.open { $0.access = .readOnly }
        #expect(
            await text { _ = try await looking.add(1) }
                == "The queue file 'DIR/queue.sqlite' was opened for reading only: open it anew for writing.")
        await manager.shutdown()
        #expect(
            await text { _ = try await manager.add(1) } == "The queue file 'DIR/queue.sqlite' was closed: open it anew."
        )
    }

    @Test func `A task that cannot be added`() async throws {
        let manager = try fixture.openImpatient()
        func adding(_ task: NewTask) async -> String {
            await text { _ = try await manager.enqueue([NewTask(type: "T"), task]) }
                .replacing("Task number 2 of 2 was not added, nor were the others: ", with: "")
        }
        #expect(
            await text { _ = try await manager.enqueue([NewTask(type: "")]) }
                == "Task number 1 of 1 was not added, nor were the others: its type is empty.")
        #expect(await adding(NewTask(type: "a b")) == "its type 'a b' contains white space.")
        #expect(await adding(NewTask(type: "a\u{1}")) == "its type contains control characters.")
        #expect(
            await adding(NewTask(type: "A.*"))
                == "its type 'A.*' is a selector: a type contains no '*' and does not begin with '!'.")
        #expect(
            await adding(NewTask(type: "T", dedupeKey: "a\u{0}"))
                == "its dedupe key contains control characters.")
    }

    @Test(arguments: [
        (
            ResultCode.SQLITE_BUSY,
            "is locked by another program for longer than the busy timeout: find who holds it and try again"
        ),
        (.SQLITE_READONLY, "may only be read: make it and its directory writable for this user"),
        (.SQLITE_PERM, "may not be used by this user: check its owner and mode"),
        (
            .SQLITE_CANTOPEN, "cannot be opened: this user must be able to read and write it and its directory"
        ),
        (
            .SQLITE_CORRUPT,
            "is damaged; it was left untouched: stop all hosts, copy the file with its -wal and -shm, and restore it "
                + "from a backup or with 'sqlite3 FILE .recover'"
        ),
        (.SQLITE_FULL, "cannot grow, the disk is full: make room; nothing that was accepted before is lost"),
        (.SQLITE_IOERR, "could not be read or written: check the disk and the system's log"),
        (.SQLITE_MISUSE, "could not be used: check it with 'sqlite3 FILE \"PRAGMA integrity_check\"'"),
    ])
    func `What SQLite reports`(_ code: ResultCode, _ expected: String) {
        let error = SQLiteQueueError(DatabaseError(resultCode: code, message: "words"), path: "/q")
        #expect(error.message == "The queue file '/q' \(expected) (SQLite: words).")
    }
}
