import Testing
import WorkerHostCore

@testable import WorkerHostSQLite

struct ProgressTests {
    let fixture: QueueFixture
    let manager: SQLiteTaskManager

    init() throws {
        fixture = try QueueFixture()
        manager = try fixture.openImpatient()
    }

    @Test func `How far a task is stands with it as long as it runs`() async throws {
        _ = try await manager.add(2)
        let tasks = try await manager.receiveTasks(limit: 2, types: ["*"])
        #expect(try await manager.task(id: "1")?.progress == nil)
        try await manager.reportProgress(
            tasks.map { TaskProgress(taskID: $0.task.id, lease: $0.lease, percent: 140, message: "half\0 of it") })
        try await manager.reportProgress(taskID: "2", lease: tasks[1].lease, percent: 41, message: nil)
        let first = try #require(try await manager.task(id: "1")?.progress)
        #expect(first.percent == 100 && first.message == "half\u{FFFD} of it" && first.at == fixture.clock.now)
        let all = try await manager.tasks(matching: TaskFilter(statuses: [.running]))
        #expect(all.map(\.progress?.percent) == [100, 41])
        _ = try await manager.complete([tasks[0].success])
        #expect(try await manager.task(id: "1")?.progress == nil, "it is over")
    }

    @Test func `Progress under another lease changes nothing, and another attempt begins anew`() async throws {
        _ = try await manager.add(1)
        let first = try #require(try await manager.receiveTasks(limit: 1, types: ["*"]).first)
        try await manager.reportProgress(taskID: "1", lease: first.lease, percent: 90, message: nil)
        let failure = TaskFailure(kind: .retriable, message: "again")
        _ = try await manager.complete([first.report(.retry(failure, after: .zero))])
        let second = try #require(try await manager.receiveTasks(limit: 1, types: ["*"]).first)
        #expect(try await manager.task(id: "1")?.progress == nil)
        try await manager.reportProgress(taskID: "1", lease: first.lease, percent: 95, message: nil)
        try await manager.reportProgress(taskID: "x", lease: Lease(token: "y"), percent: 95, message: nil)
        #expect(try await manager.task(id: "1")?.progress == nil)
        try await manager.reportProgress(taskID: "1", lease: second.lease, percent: 5, message: nil)
        #expect(try await manager.task(id: "1")?.progress?.percent == 5)
    }
}
