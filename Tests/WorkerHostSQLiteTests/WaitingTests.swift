import Foundation
import GRDB
import Testing
import WorkerHostCore

@testable import WorkerHostSQLite

/// A wait that is missed would last for this suite's `longestWait` of many seconds and then come back empty.
@Suite(.timeLimit(.minutes(2)))
struct WaitingTests {
    let fixture: QueueFixture

    init() throws { fixture = try QueueFixture() }

    private func openPatient() throws -> SQLiteTaskManager { try fixture.open { $0.longestWait = .seconds(3600) } }

    private func untilWaiting(_ manager: SQLiteTaskManager, _ count: Int = 1) async throws {
        while manager.hub.waiterCount < count { try await Task.sleep(for: .milliseconds(1)) }
    }

    @Test func `A waiting call is woken by another manager's task`() async throws {
        let waiting = try openPatient()
        let adding = try openPatient()
        #expect(waiting.events.isWatching)
        for _ in 0..<50 {
            let call = Task { try await waiting.receiveTasks(limit: 1, types: ["T"]) }
            try await untilWaiting(waiting)
            let ids = try await adding.add(1)
            #expect(try await call.value.map(\.task.id) == ids)
        }
    }

    @Test func `A waiting call is woken by a program that knows nothing of this library`() async throws {
        let waiting = try openPatient()
        _ = try await waiting.add(1)
        let first = try await waiting.receiveTasks(limit: 1, types: ["T"])
        let call = Task { try await waiting.receiveTasks(limit: 1, types: ["T"]) }
        try await untilWaiting(waiting)
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        let program = """
            import sqlite3, sys
            db = sqlite3.connect(sys.argv[1])
            db.execute("DELETE FROM running")
            db.execute("INSERT INTO ready SELECT type_id, priority, id FROM task_rows")
            db.commit()
            """
        process.arguments = ["python3", "-c", program, fixture.path]
        try process.run()
        #expect(try await call.value.map(\.task.id) == first.map(\.task.id))
        process.waitUntilExit()
    }

    @Test func `Several calls wait at once, and each is served`() async throws {
        let manager = try openPatient()
        let calls = (0..<8).map { index in
            Task { try await manager.receiveTasks(limit: 1, types: ["T\(index)"]) }
        }
        try await untilWaiting(manager, 8)
        _ = try await manager.enqueue((0..<8).map { NewTask(type: "T\($0)") })
        for (index, call) in calls.enumerated() {
            #expect(try await call.value.map(\.task.type) == ["T\(index)"])
        }
    }

    @Test func `A call wakes when a delayed task is due and when a lease ends`() async throws {
        let manager = try SQLiteTaskManager(
            path: fixture.path, options: .init(leaseDuration: .milliseconds(80), longestWait: .seconds(3600)))
        _ = try await manager.enqueue([NewTask(type: "T", delay: .milliseconds(60))])
        let first = try await manager.receiveTasks(limit: 1, types: ["T"])
        #expect(first.count == 1)
        let second = try await manager.receiveTasks(limit: 1, types: ["T"])
        #expect(second.map(\.task.metadata.attempt) == [2])
    }

    @Test func `Cancellation and shutdown end a wait`() async throws {
        let manager = try openPatient()
        let call = Task { try await manager.receiveTasks(limit: 1, types: ["T"]) }
        try await untilWaiting(manager)
        call.cancel()
        #expect(try await call.value.isEmpty)
        #expect(manager.hub.waiterCount == 0)
        let other = Task { try await manager.receiveTasks(limit: 1, types: ["T"]) }
        try await untilWaiting(manager)
        await manager.shutdown()
        #expect(try await other.value.isEmpty)
    }

    @Test func `A call that meets the shutdown ends without an error`() async throws {
        for round in 0..<100 {
            let manager = try fixture.openImpatient()
            let claim = Task { try await manager.receiveTasks(limit: 1, types: ["T"]) }
            let cancellations = Task { try await manager.nextCancellations() }
            for _ in 0..<(round % 20) { await Task.yield() }
            await manager.shutdown()
            #expect(try await claim.value.isEmpty)
            #expect(try await cancellations.value == nil)
        }
    }

    @Test func `A cancelled call forgets no lease`() async throws {
        let manager = try fixture.openImpatient()
        let ids = try await manager.add(300)
        var taken: [String] = []
        for round in 0..<200 {
            let call = Task { try await manager.receiveTasks(limit: 1, types: ["T"]) }
            for _ in 0..<(round % 20) { await Task.yield() }
            call.cancel()
            taken += try await call.value.map(\.task.id)
        }
        #expect(try await manager.taskCounts() == TaskCounts(pending: 300 - taken.count, running: taken.count))
        taken += try await manager.receiveTasks(limit: 300, types: ["T"]).map(\.task.id)
        #expect(taken.sorted() == ids.sorted())
    }

    @Test func `Waiting for tasks ends when another manager has finished them all`() async throws {
        let waiting = try openPatient()
        let working = try fixture.openImpatient()
        let ids = try await waiting.add(600)
        let call = Task { try await waiting.waitUntilFinished(ids) }
        while true {
            let tasks = try await working.receiveTasks(limit: 50, types: ["*"])
            if tasks.isEmpty { break }
            _ = try await working.complete(tasks.map(\.success))
        }
        let finished = try await call.value
        #expect(finished.map(\.id) == ids)
        #expect(finished.allSatisfy { $0.status == .completed })
        let error = await #expect(throws: SQLiteQueueError.self) { try await waiting.waitUntilFinished(["9999"]) }
        #expect(error?.code == .unknownTask)
    }

    @Test func `Without file events the queue is looked at now and then`() async throws {
        let waiting = try fixture.open {
            $0.usesFileEvents = false
            $0.pollInterval = .milliseconds(20)
        }
        #expect(!waiting.events.isWatching)
        #expect(try await waiting.receiveTasks(limit: 1, types: ["T"]).isEmpty)
        let adding = try openPatient()
        let ids = try await adding.add(1)
        #expect(try await waiting.receiveTasks(limit: 1, types: ["T"]).map(\.task.id) == ids)
        let call = Task { try await waiting.waitUntilFinished(ids) }
        try await adding.connection.write { db, _ in
            try db.execute(
                sql:
                    "DELETE FROM running; INSERT INTO done (task_id, finished_at, attempts, claims) SELECT id, 1, 1, 1 FROM task_rows"
            )
        }
        #expect(try await call.value.map(\.status) == [.completed])
    }

    @Test func `A queue behind a symbolic link is watched too`() async throws {
        let real = try openPatient()
        let link = fixture.directory + "/link.sqlite"
        try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: fixture.path)
        let waiting = try SQLiteTaskManager(path: link, options: .init(longestWait: .seconds(3600)))
        #expect(waiting.path == real.path)
        let call = Task { try await waiting.receiveTasks(limit: 1, types: ["T"]) }
        try await untilWaiting(waiting)
        let ids = try await real.add(1)
        #expect(try await call.value.map(\.task.id) == ids)
    }

    @Test func `An idle manager uses no processor time`() async throws {
        let manager = try openPatient()
        let calls = (0..<4).map { _ in Task { try await manager.receiveTasks(limit: 1, types: ["T"]) } }
        try await untilWaiting(manager, 4)
        let before = manager.events.rounds
        try await Task.sleep(for: .milliseconds(500))
        #expect(manager.events.rounds - before <= 10, "the thread slept")
        calls.forEach { $0.cancel() }
    }

    @Test func `A manager that is dropped leaves no thread and no descriptor behind`() async throws {
        func descriptors() throws -> Int {
            try FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd").count { name in
                let target = try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/fd/\(name)")
                return target?.contains(fixture.directory) == true
            }
        }
        for _ in 0..<3 {
            let manager = try openPatient()
            _ = try await manager.add(1)
            #expect(try descriptors() > 0)
            await manager.shutdown()
        }
        #expect(try descriptors() == 0)
    }
}
