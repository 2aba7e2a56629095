import Testing
import WorkerHostCore
import WorkerHostSQLite

/// What `status` shows, and how many tasks of a type wait.
struct OverviewTests {
    let fixture: QueueFixture

    init() throws { fixture = try QueueFixture() }

    @Test func `Open and failed tasks are counted by type`() async throws {
        let manager = try fixture.openImpatient()
        let host = HostIdentity(id: "h", pid: 42, types: ["*"])
        try await manager.start(host)
        let first = fixture.clock.now
        _ = try await manager.add(2, type: "A.X")
        fixture.clock.advance(by: .seconds(10))
        _ = try await manager.add(3, type: "B")
        _ = try await manager.enqueue([NewTask(type: "A.X", delay: .seconds(60)), NewTask(type: "C")])
        let failing = try #require(try await manager.receiveTasks(limit: 1, types: ["B"]).first)
        _ = try await manager.complete([failing.report(.failed(TaskFailure(kind: .permanent, message: "no")))])
        let done = try #require(try await manager.receiveTasks(limit: 1, types: ["C"]).first)
        _ = try await manager.complete([done.success])
        _ = try await manager.receiveTasks(limit: 1, types: ["B"])

        let overview = try await manager.overview()
        #expect(overview.counts == TaskCounts(pending: 4, running: 1, completed: 1, failed: 1))
        #expect(overview.types.map(\.type) == ["A.X", "B"], "a type of which all tasks succeeded is left out")
        #expect(overview.types.map(\.waiting) == [2, 1])
        #expect(overview.types.map(\.delayed) == [1, 0])
        #expect(overview.types.map(\.running) == [0, 1])
        #expect(overview.types.map(\.failed) == [0, 1])
        #expect(overview.oldestWaiting == first)
        #expect(overview.nextDue == fixture.clock.now.advanced(by: .seconds(60)))
        #expect(overview.hosts.map(\.pid) == [42] && overview.hosts.map(\.running) == [1])
        #expect(overview.storage.fileSize > 0 && overview.storage.canShrink)
    }

    @Test func `Waiting tasks are counted by selectors, the delayed ones too`() async throws {
        let manager = try fixture.openImpatient()
        _ = try await manager.add(2, type: "A.X")
        _ = try await manager.enqueue([NewTask(type: "A.Y", delay: .seconds(60)), NewTask(type: "B")])
        _ = try await manager.receiveTasks(limit: 1, types: ["A.X"])
        #expect(try await manager.pendingCount(types: ["A.*"]) == 2)
        #expect(try await manager.pendingCount(types: ["*"]) == 3)
        #expect(try await manager.pendingCount(types: ["None"]) == 0)
        #expect(try await manager.pendingCount(types: []) == 0)
    }
}
