import Testing
import WorkerHostCore

@testable import WorkerHostSQLite

struct ClaimTests {
    let fixture: QueueFixture

    init() throws { fixture = try QueueFixture() }

    @Test func `A task is added, claimed and completed, and keeps its bytes`() async throws {
        let manager = try fixture.openImpatient()
        let params = try RawJSON(validating: "{\"a\": 1.00, \"b\":\"\\u00e9\"}")
        let added = try await manager.enqueue([NewTask(type: "A.B", params: params, priority: 7)])
        #expect(added == [EnqueuedTask(id: "1", wasDuplicate: false)])

        let tasks = try await manager.receiveTasks(limit: 10, types: ["A.*"])
        let leased = try #require(tasks.first)
        #expect(tasks.count == 1)
        #expect(leased.task.id == "1" && leased.task.type == "A.B" && leased.task.params == params)
        #expect(leased.task.metadata.attempt == 1 && leased.task.metadata.priority == 7)
        #expect(leased.lease.expiresAt == fixture.clock.now.advanced(by: .seconds(30)))

        #expect(try await manager.complete([leased.success]) == [.accepted])
        let stored = try #require(try await manager.task(id: "1"))
        #expect(stored.status == .completed && stored.result?.text == "{\"ok\": 1.0}")
        #expect(stored.pid == 4711 && stored.worker == "test" && stored.usage?.peakMemory == 5 << 20)
        #expect(try await manager.taskCounts() == TaskCounts(completed: 1))
        #expect(try await manager.receiveTasks(limit: 10, types: ["*"]).isEmpty)
    }

    @Test func `Who has lost the lease finds it at the running task, and reports under it`() async throws {
        let manager = try fixture.openImpatient()
        _ = try await manager.enqueue([NewTask(type: "A")])
        #expect(try await manager.task(id: "1")?.lease == nil)
        let leased = try #require(try await manager.receiveTasks(limit: 1, types: ["A"]).first)
        let found = try #require(try await manager.tasks(matching: TaskFilter(statuses: [.running])).first?.lease)
        #expect(found == leased.lease)
        #expect(try await manager.complete([LeasedTask(task: leased.task, lease: found).success]) == [.accepted])
        #expect(try await manager.task(id: "1")?.lease == nil)
    }

    @Test func `The highest priority goes first, then the oldest, over several types`() async throws {
        let manager = try fixture.openImpatient()
        var expected: [(priority: Int, id: Int)] = []
        let tasks = (0..<200).map { index in
            NewTask(type: "T\(index % 7)", priority: (index * 13) % 5)
        }
        for (task, added) in zip(tasks, try await manager.enqueue(tasks)) where task.type != "T3" {
            expected.append((task.priority, try #require(Int(added.id))))
        }
        expected.sort { ($1.priority, $0.id) < ($0.priority, $1.id) }
        var got: [Int] = []
        for limit in [1, 2, 50, 64, 1000] {
            let claimed = try await manager.receiveTasks(limit: limit, types: ["*", "!T3"])
            #expect(claimed.count <= limit)
            got += claimed.compactMap { Int($0.task.id) }
        }
        #expect(got == expected.map(\.id))
        #expect(try await manager.taskCounts() == TaskCounts(pending: 200 - got.count, running: got.count))
    }

    @Test func `A delayed task is not claimed before it is due`() async throws {
        let manager = try fixture.openImpatient()
        _ = try await manager.enqueue([NewTask(type: "T", delay: .seconds(60))])
        #expect(try await manager.receiveTasks(limit: 1, types: ["T"]).isEmpty)
        fixture.clock.advance(by: .seconds(59))
        #expect(try await manager.receiveTasks(limit: 1, types: ["T"]).isEmpty)
        fixture.clock.advance(by: .seconds(1))
        #expect(try await manager.receiveTasks(limit: 1, types: ["T"]).count == 1)
    }

    @Test func `Large parameters come back byte for byte`() async throws {
        let manager = try fixture.openImpatient()
        let text = "{\"text\":\"" + String(repeating: "é", count: 3 << 20) + "\"}"
        let params = RawJSON(unchecked: Array(text.utf8))
        _ = try await manager.enqueue([NewTask(type: "T", params: params)])
        let leased = try #require(try await manager.receiveTasks(limit: 1, types: ["T"]).first)
        #expect(leased.task.params == params)
        #expect(try await manager.task(id: leased.task.id)?.params == params)
    }

    @Test func `Fencing: after a lease was taken back, the old owner's report is refused`() async throws {
        let first = try fixture.openImpatient()
        let second = try fixture.openImpatient()
        _ = try await first.add(1)
        let old = try #require(try await first.receiveTasks(limit: 1, types: ["T"]).first)
        #expect(try await second.receiveTasks(limit: 1, types: ["T"]).isEmpty)
        fixture.clock.advance(by: .seconds(31))
        let new = try #require(try await second.receiveTasks(limit: 1, types: ["T"]).first)
        #expect(new.task.metadata.attempt == 2)
        #expect(try await first.complete([old.success]) == [.leaseLost])
        #expect(try await first.extendLeases([(old.task.id, old.lease)]) == [old.task.id])
        #expect(try await second.complete([new.success]) == [.accepted])
        #expect(try await second.complete([new.success]) == [.accepted], "a repeated report is accepted again")
        let stored = try #require(try await first.task(id: "1"))
        #expect(stored.attempts == 2 && stored.deaths == 1)
        #expect(try await first.timeline(of: "1").map(\.kind).contains("lease_expired"))
    }
}
