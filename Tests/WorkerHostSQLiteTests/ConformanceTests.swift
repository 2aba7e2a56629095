import Testing
import WorkerHostCore
import WorkerHostTesting

@testable import WorkerHostSQLite

struct ConformanceTests {
    @Test func `The SQLite queue keeps the adapter's promises`() async throws {
        let violations = await AdapterConformance {
            let fixture = try QueueFixture()
            let manager = try fixture.open { $0.longestWait = .milliseconds(300) }
            return AdapterConformance.Subject(
                adapter: manager, other: try fixture.open { $0.longestWait = .milliseconds(300) },
                enqueue: { type, params in
                    try await manager.enqueue([NewTask(type: type, params: params)])[0].id
                },
                status: { id in
                    let task = try #require(try await manager.task(id: id))
                    let status = try #require(AdapterConformance.Status(rawValue: task.status.rawValue))
                    return (status, task.attempts)
                },
                letLeasesEnd: { fixture.clock.advance(by: .seconds(31)) },
                cancel: { _ = try await manager.cancel([$0]) })
        }.run()
        #expect(violations.isEmpty)
    }

    @Test func `The TaskManager in memory keeps the adapter's promises`() async throws {
        let violations = await AdapterConformance {
            let manager = MemoryTaskManager(longestWait: .milliseconds(300))
            return AdapterConformance.Subject(
                adapter: manager,
                enqueue: { type, params in await manager.enqueue(type: type, params: params) },
                status: { id in
                    let entry = try #require(await manager.entry(id))
                    let status = try #require(AdapterConformance.Status(rawValue: entry.status.rawValue))
                    return (status, entry.attempts)
                },
                letLeasesEnd: { await manager.endLeases() }, cancel: { await manager.cancel($0) })
        }.run()
        #expect(violations.isEmpty)
    }

    @Test func `The suite finds an adapter that breaks its promises`() async throws {
        let violations = await AdapterConformance {
            let manager = MemoryTaskManager(longestWait: .milliseconds(50))
            return AdapterConformance.Subject(
                adapter: CarelessAdapter(manager: manager),
                enqueue: { type, params in await manager.enqueue(type: type, params: params) },
                status: { _ in (.pending, 1) })
        }.run()
        let checks = Set(violations.map(\.check))
        #expect(checks.contains("only the wanted types are leased"))
        #expect(checks.contains("each report has its acknowledgement, in order"))
        #expect(checks.contains("the limit is respected"))
    }
}

/// Ignores types and limits, and accepts everything.
private struct CarelessAdapter: TaskManagerAdapter {
    let manager: MemoryTaskManager

    func receiveTasks(limit: Int, types: [String]) async throws -> [LeasedTask] {
        try await manager.receiveTasks(limit: 100, types: ["*"])
    }

    func complete(_ reports: [TaskReport]) async throws -> [Acknowledgement] { reports.map { _ in .accepted } }

    func healthCheck() async -> HealthStatus { .healthy }
}
