import Testing
import WorkerHostCore

@testable import WorkerHostSQLite

struct HostTests {
    let fixture: QueueFixture

    init() throws { fixture = try QueueFixture() }

    private func host(_ id: String, _ types: [String], _ policy: TaskManagerConfiguration.UnknownTypes = .fail)
        async throws -> SQLiteTaskManager
    {
        let manager = try fixture.open {
            $0.longestWait = .zero
            $0.unknownTypes = policy
        }
        try await manager.start(HostIdentity(id: id, pid: 1, types: types))
        return manager
    }

    @Test func `A task that no host can run is failed with what to do`() async throws {
        let manager = try await host("a", ["A.*"])
        _ = try await manager.add(1500, type: "B")
        _ = try await manager.add(1, type: "A.x")
        #expect(try await manager.receiveTasks(limit: 10, types: ["A.*"]).count == 1)
        #expect(try await manager.receiveTasks(limit: 10, types: ["A.*"]).isEmpty)
        #expect(try await manager.taskCounts() == TaskCounts(running: 1, failed: 1500))
        let failed = try #require(try await manager.tasks(matching: TaskFilter(statuses: [.failed], limit: 1)).first)
        #expect(failed.failure?.kind == "no_worker" && failed.attempts == 0)
        #expect(failed.failure?.message.contains("task type 'B'") == true)
        #expect(try await manager.timeline(of: failed.id).map(\.kind) == ["created", "failed"])
    }

    @Test func `Tasks of another living host are left to it, those of a silent one are not`() async throws {
        let a = try await host("a", ["A"])
        let b = try await host("b", ["B"])
        _ = try await b.add(1, type: "B")
        #expect(try await a.receiveTasks(limit: 1, types: ["A"]).isEmpty)
        #expect(try await a.taskCounts() == TaskCounts(pending: 1))
        fixture.clock.advance(by: .seconds(301))
        #expect(try await a.receiveTasks(limit: 1, types: ["A"]).isEmpty)
        #expect(try await a.taskCounts() == TaskCounts(failed: 1))
    }

    @Test func `An idle host stays alive in the eyes of the others`() async throws {
        let a = try await host("a", ["A"])
        let b = try await host("b", ["B"])
        for _ in 0..<10 {
            fixture.clock.advance(by: .seconds(100))
            #expect(try await b.receiveTasks(limit: 1, types: ["B"]).isEmpty)
        }
        _ = try await b.add(1, type: "B")
        #expect(try await a.receiveTasks(limit: 1, types: ["A"]).isEmpty)
        #expect(try await b.receiveTasks(limit: 1, types: ["B"]).count == 1)
    }

    @Test func `A host that stopped does not count, and unknown types may be left alone`() async throws {
        let a = try await host("a", ["A"], .leave)
        let b = try await host("b", ["B"])
        _ = try await a.add(1, type: "B")
        await b.shutdown()
        #expect(try await a.receiveTasks(limit: 1, types: ["A"]).isEmpty)
        #expect(try await a.taskCounts() == TaskCounts(pending: 1))
        let c = try await host("c", ["C"])
        #expect(try await c.receiveTasks(limit: 1, types: ["C"]).isEmpty)
        // "a" lives, but has no worker for it either.
        #expect(try await a.taskCounts() == TaskCounts(failed: 1))
    }
}
