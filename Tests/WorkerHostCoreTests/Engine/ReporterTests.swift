import Testing
import WorkerHostTesting

@testable import WorkerHostCore

/// What the engine does with the TaskManager's answers.
@Suite struct ReporterTests {
    @Test func aReportThatIsPutOffComesAgainAloneAndWaits() async throws {
        let queue = HesitantQueue()
        let fixture = try HostFixture([FaultChild.configuration(["ok"], concurrency: 4)], taskManager: { _ in queue })
        queue.base.withLock { $0 = fixture.queue }
        var ids: [String] = []
        for _ in 0..<4 { ids.append(await fixture.queue.enqueue(type: "T")) }
        queue.hesitant.withLock { $0 = Set(ids.prefix(2)) }
        #expect(try await fixture.host.run(untilIdle: true).completed == 4)
        let asked = queue.asked.withLock { $0 }
        #expect(ids.map { asked[$0] } == [2, 2, 1, 1], "only what was put off is reported again")
        #expect(!fixture.events.lines.contains { $0.hasPrefix("manager") }, "it did answer")
    }
}

/// Puts off the first report of some tasks.
private final class HesitantQueue: TaskManagerAdapter {
    let base = Guarded<MemoryTaskManager?>(nil)
    let hesitant = Guarded<Set<String>>([])
    let asked = Guarded<[String: Int]>([:])

    func receiveTasks(limit: Int, types: [String]) async throws -> [LeasedTask] {
        try await base.withLock { $0 }?.receiveTasks(limit: limit, types: types) ?? []
    }

    func complete(_ reports: [TaskReport]) async throws -> [Acknowledgement] {
        guard let base = base.withLock({ $0 }) else { return [] }
        var answers: [Acknowledgement] = []
        for report in reports {
            asked.withLock { $0[report.taskID, default: 0] += 1 }
            let isPutOff = hesitant.withLock { $0.remove(report.taskID) != nil }
            answers += isPutOff ? [.later(reason: "busy", after: .milliseconds(20))] : try await base.complete([report])
        }
        return answers
    }

    func taskCounts() async throws -> TaskCounts? { try await base.withLock { $0 }?.taskCounts() }

    func healthCheck() async -> HealthStatus { .healthy }
}
