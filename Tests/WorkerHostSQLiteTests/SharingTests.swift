import Foundation
import Testing
import WorkerHostCore

@testable import WorkerHostSQLite

@Suite(.timeLimit(.minutes(3)))
struct SharingTests {
    let fixture: QueueFixture

    init() throws { fixture = try QueueFixture() }

    @Test func `Four managers open a new file at once`() async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            for index in 0..<4 {
                group.addTask {
                    let manager = try fixture.openImpatient()
                    _ = try await manager.add(10, type: "T\(index)")
                }
            }
            try await group.waitForAll()
        }
        #expect(try await fixture.open().taskCounts() == TaskCounts(pending: 40))
    }

    @Test func `Four hosts and a foreign writer on one file: no task twice, none lost, nobody refused`() async throws {
        let managers = try (0..<4).map { _ in try fixture.openImpatient() }
        for (index, manager) in managers.enumerated() {
            try await manager.start(HostIdentity(id: "host-\(index)", pid: Int32(index), types: ["*"]))
        }
        let writer = try ForeignWriter(path: fixture.path)
        let claimed = try await withThrowingTaskGroup(of: [String].self) { group in
            for manager in managers {
                group.addTask {
                    var mine: [String] = []
                    for _ in 0..<25 {
                        _ = try await manager.add(20)
                        let tasks = try await manager.receiveTasks(limit: 13, types: ["*"])
                        mine += tasks.map(\.task.id)
                        #expect(try await manager.complete(tasks.map(\.success)).allSatisfy { $0 == .accepted })
                    }
                    return mine
                }
            }
            return try await group.reduce(into: []) { $0 += $1 }
        }
        #expect(writer.stop() == 0, "the foreign writer was never refused either")
        #expect(claimed.count == Set(claimed).count)
        let counts = try #require(try await managers[0].taskCounts())
        #expect(counts == TaskCounts(pending: 2000 - claimed.count, completed: claimed.count))
    }

    @Test func `A host process that is killed while it holds leases loses no task`() async throws {
        let manager = try fixture.openImpatient()
        _ = try await manager.add(10)
        // The same statements as a claim, in a process that dies without a word.
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        let expiry = fixture.clock.now.advanced(by: .seconds(30)).microseconds
        let program = """
            import sqlite3, os, signal
            db = sqlite3.connect(\"\(fixture.path)\", isolation_level=None)
            db.execute("BEGIN IMMEDIATE")
            db.execute("INSERT INTO leases VALUES (1, 'gone', 0, \(expiry), 30000000, 4)")
            db.execute("INSERT INTO running SELECT task_id, 1, 1, 1, 1 FROM ready WHERE task_id <= 4")
            db.execute("DELETE FROM ready WHERE task_id <= 4")
            db.execute("UPDATE counts SET pending = pending - 4, running = running + 4")
            db.execute("COMMIT")
            db.execute("BEGIN IMMEDIATE")
            db.execute("DELETE FROM running")
            os.kill(os.getpid(), signal.SIGKILL)
            """
        process.arguments = ["python3", "-c", program]
        try process.run()
        process.waitUntilExit()
        #expect(try await manager.receiveTasks(limit: 10, types: ["*"]).count == 6)
        fixture.clock.advance(by: .seconds(30))
        let rest = try await manager.receiveTasks(limit: 4, types: ["*"])
        #expect(rest.map(\.task.metadata.attempt) == [2, 2, 2, 2])
        #expect(try await manager.timeline(of: "1").contains { $0.message.contains("'gone' went silent") })
    }
}

/// A process that writes to the database all the time and counts how often it is refused.
private final class ForeignWriter {
    private let process = Process()
    private let input = Pipe()

    init(path: String) throws {
        let output = Pipe()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        let program = """
            import sqlite3, sys, select
            db = sqlite3.connect(sys.argv[1], isolation_level=None, timeout=10)
            print("ready", flush=True)
            refused = 0
            while not select.select([sys.stdin], [], [], 0.001)[0]:
                try:
                    db.execute("BEGIN IMMEDIATE")
                    db.execute("UPDATE counts SET pending = pending + 0")
                    db.execute("COMMIT")
                except sqlite3.OperationalError:
                    refused += 1
            sys.exit(1 if refused else 0)
            """
        process.arguments = ["python3", "-c", program, path]
        process.standardInput = input
        process.standardOutput = output
        try process.run()
        _ = output.fileHandleForReading.availableData
    }

    func stop() -> Int32 {
        input.fileHandleForWriting.write(Data("\n".utf8))
        process.waitUntilExit()
        return process.terminationStatus
    }
}
