import Foundation
import GRDB
import Testing
import WorkerHostCore

@testable import WorkerHostSQLite

struct FileTests {
    let fixture: QueueFixture

    init() throws { fixture = try QueueFixture() }

    private func failure(
        at path: String? = nil, _ access: SQLiteTaskManager.Options.Access = .create
    ) -> SQLiteQueueError? {
        #expect(throws: SQLiteQueueError.self) {
            try SQLiteTaskManager(path: path ?? fixture.path, options: .init(access: access))
        }
    }

    @Test func `A missing directory or file is named`() throws {
        let missing = failure(at: fixture.directory + "/no/queue.sqlite")
        #expect(missing?.code == .directoryMissing)
        #expect(missing?.message.contains(fixture.directory + "/no'") == true)
        #expect(failure(.readWrite)?.code == .fileMissing)
        #expect(failure(.readOnly)?.code == .fileMissing)
        #expect(failure(at: fixture.directory)?.code == .notADatabase)
    }

    @Test func `A file that is no database is left untouched`() throws {
        let bytes = Data(String(repeating: "This is a text, not a database.\n", count: 300).utf8)
        try bytes.write(to: URL(fileURLWithPath: fixture.path))
        #expect(failure()?.code == .notADatabase)
        #expect(try Data(contentsOf: URL(fileURLWithPath: fixture.path)) == bytes)
    }

    @Test func `Another program's database is left untouched`() throws {
        try DatabaseQueue(path: fixture.path).write { try $0.execute(sql: "CREATE TABLE ideas (id INTEGER)") }
        let bytes = try Data(contentsOf: URL(fileURLWithPath: fixture.path))
        #expect(failure()?.code == .foreignDatabase)
        #expect(try Data(contentsOf: URL(fileURLWithPath: fixture.path)) == bytes)
    }

    @Test func `A queue of a newer version is refused`() async throws {
        let manager = try fixture.open()
        await manager.shutdown()
        try await DatabaseQueue(path: fixture.path).write {
            try $0.execute(sql: "INSERT INTO grdb_migrations (identifier) VALUES ('99 future')")
        }
        #expect(failure()?.code == .newerSchema)
        #expect(failure(.readOnly)?.code == .newerSchema)
    }

    @Test func `A damaged file gives an error and is not overwritten`() async throws {
        let manager = try fixture.openImpatient()
        _ = try await manager.enqueue(
            (0..<500).map { NewTask(type: "T", params: RawJSON(unchecked: Array("{\"n\":\($0)}".utf8))) })
        await manager.shutdown()
        let url = URL(fileURLWithPath: fixture.path)
        var bytes = try Data(contentsOf: url)
        bytes.replaceSubrange(8192..<bytes.count, with: Data(repeating: 0xA5, count: bytes.count - 8192))
        try bytes.write(to: url)
        let size = bytes.count
        let error = await #expect(throws: SQLiteQueueError.self) {
            let damaged = try fixture.openImpatient()
            for task in try await damaged.receiveTasks(limit: 500, types: ["*"]) {
                _ = try await damaged.complete([task.success])
            }
            _ = try await damaged.tasks()
        }
        #expect(error?.code == .corrupt)
        #expect(error?.message.contains(fixture.path) == true)
        #expect(try Data(contentsOf: url).count >= size)
    }

    @Test func `A file that may only be read is named, and can be looked at`() async throws {
        let manager = try fixture.openImpatient()
        _ = try await manager.add(3)
        let looking = try fixture.open { $0.access = .readOnly }
        #expect(try await looking.tasks().count == 3)
        #expect(try await looking.taskCounts() == TaskCounts(pending: 3))
        let error = await #expect(throws: SQLiteQueueError.self) { try await looking.add(1) }
        #expect(error?.code == .readOnly)
        await #expect(throws: SQLiteQueueError.self) { try await looking.receiveTasks(limit: 1, types: ["*"]) }
    }

    @Test(.enabled(if: geteuid() != 0, "the super-user may write anything"))
    func `A file without write permission is named`() async throws {
        let manager = try fixture.open()
        await manager.shutdown()
        try FileManager.default.setAttributes([.posixPermissions: 0o444], ofItemAtPath: fixture.path)
        #expect(failure()?.code == .readOnly)
    }

    @Test func `A write lock held by another process gives an error after the busy timeout, and then passes`()
        async throws
    {
        let manager = try fixture.open { $0.busyTimeout = .milliseconds(100) }
        let holder = try LockHolder(path: fixture.path)
        let error = await #expect(throws: SQLiteQueueError.self) { try await manager.add(1) }
        #expect(error?.code == .locked)
        #expect(error?.message.contains("locked by another program") == true)
        holder.release()
        #expect(try await manager.add(1).count == 1)
    }

    @Test func `A full disk refuses new tasks and loses nothing`() async throws {
        let manager = try fixture.openImpatient()
        let params = RawJSON(unchecked: Array("{\"x\":\"\(String(repeating: "x", count: 3000))\"}".utf8))
        let many = Array(repeating: NewTask(type: "T", params: params), count: 200)
        _ = try await manager.enqueue([many[0]])
        func limitPages(_ more: Int) async throws {
            try await manager.connection.write { db, _ in
                let pages = try Int.fetchOne(db, sql: "PRAGMA page_count") ?? 0
                try db.execute(sql: "PRAGMA max_page_count = \(pages + more)")
            }
        }
        try await limitPages(2)
        let error = await #expect(throws: SQLiteQueueError.self) { try await manager.enqueue(many) }
        #expect(error?.code == .diskFull)
        #expect(try await manager.taskCounts() == TaskCounts(pending: 1))
        #expect(try await manager.receiveTasks(limit: 5, types: ["T"]).count == 1)
        try await limitPages(10_000)
        #expect(try await manager.enqueue(many).count == 200)
    }

    @Test func `A closed queue says so`() async throws {
        let manager = try fixture.open()
        await manager.shutdown()
        await manager.shutdown()
        let error = await #expect(throws: SQLiteQueueError.self) { try await manager.add(1) }
        #expect(error?.code == .closed)
        #expect(try await manager.receiveTasks(limit: 1, types: ["*"]).isEmpty)
        #expect(await manager.healthCheck().isUsable == false)
        let again = try fixture.open()
        #expect(await again.healthCheck() == .healthy)
    }

    @Test(arguments: [("nfs4", true), ("cifs", true), ("ext4", false), ("overlay", false), ("9p", false)])
    func `Network file systems are recognised`(kind: String, isNetwork: Bool) {
        let table = """
            22 1 254:1 / / rw,relatime shared:1 - ext4 /dev/root rw
            36 22 0:52 / /mnt rw,relatime shared:2 master:1 - \(kind) server:/export rw
            """
        #expect(FileSystemKind.kind(device: "0:52", in: table) == kind)
        #expect(FileSystemKind.isNetwork(kind) == isNetwork)
        #expect(FileSystemKind.kind(device: "254:1", in: table) == "ext4")
        #expect(FileSystemKind.kind(device: "0:99", in: table) == nil)
    }
}

/// Another process that holds the write lock of a database.
final class LockHolder {
    private let process = Process()
    private let input = Pipe()

    init(path: String) throws {
        let output = Pipe()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        let program = """
            import sqlite3, sys
            db = sqlite3.connect(sys.argv[1], isolation_level=None)
            db.execute("BEGIN IMMEDIATE")
            print("held", flush=True)
            sys.stdin.readline()
            db.execute("ROLLBACK")
            """
        process.arguments = ["python3", "-c", program, path]
        process.standardInput = input
        process.standardOutput = output
        try process.run()
        // Blocks until the lock is held.
        _ = output.fileHandleForReading.availableData
    }

    func release() {
        input.fileHandleForWriting.write(Data("\n".utf8))
        process.waitUntilExit()
    }
}
