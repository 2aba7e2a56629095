import Testing
import WorkerHostCore

@testable import WorkerHostSQLite

struct EnqueueTests {
    let fixture: QueueFixture
    let manager: SQLiteTaskManager

    init() throws {
        fixture = try QueueFixture()
        manager = try fixture.openImpatient()
    }

    private func finishOne() async throws {
        let leased = try #require(try await manager.receiveTasks(limit: 1, types: ["*"]).first)
        #expect(try await manager.complete([leased.success]) == [.accepted])
    }

    @Test func `A dedupe key is taken until its task is finished`() async throws {
        let task = NewTask(type: "T", dedupeKey: "k")
        let added = try await manager.enqueue([task, task, NewTask(type: "T", dedupeKey: "other")])
        #expect(added.map(\.id) == ["1", "1", "2"] && added.map(\.wasDuplicate) == [false, true, false])
        try await finishOne()
        let again = try await manager.enqueue([task])
        #expect(again.map(\.wasDuplicate) == [false])
        #expect(try await manager.taskCounts() == TaskCounts(pending: 2, completed: 1))
    }

    @Test func `A dedupe key for good is held by finished tasks too`() async throws {
        let plain = NewTask(type: "T", dedupeKey: "k")
        let forever = NewTask(type: "T", dedupeKey: "k", dedupeScope: .forever)
        _ = try await manager.enqueue([plain])
        try await finishOne()
        #expect(try await manager.enqueue([forever]) == [EnqueuedTask(id: "1", wasDuplicate: true)])
        let kept = NewTask(type: "T", dedupeKey: "m", dedupeScope: .forever)
        _ = try await manager.enqueue([kept])
        try await finishOne()
        #expect(try await manager.enqueue([NewTask(type: "T", dedupeKey: "m")]).map(\.wasDuplicate) == [true])
    }

    @Test(arguments: [
        (NewTask(type: ""), "its type is empty"), (NewTask(type: "a b"), "white space"),
        (NewTask(type: "A.*"), "selector"), (NewTask(type: "!A"), "selector"),
        (NewTask(type: "T", params: .null), "its params are no JSON object"),
        (NewTask(type: "T", extra: .null), "extra"), (NewTask(type: "T", dedupeKey: ""), "dedupe key is empty"),
        (NewTask(type: "T\0"), "control"), (NewTask(type: "T", dedupeKey: "a\0"), "control"),
    ])
    func `A task that is not valid is refused with its place, and nothing is added`(
        task: NewTask, why: String
    ) async throws {
        let error = await #expect(throws: SQLiteQueueError.self) {
            try await manager.enqueue([NewTask(type: "T"), task])
        }
        #expect(error?.code == .invalidTask && error?.taskIndex == 1)
        #expect(error?.message.contains(why) == true)
        #expect(try await manager.taskCounts() == TaskCounts())
    }

    @Test func `Tasks are listed by state, type and place`() async throws {
        _ = try await manager.add(5, type: "A.x")
        _ = try await manager.add(5, type: "B.x")
        try await finishOne()
        #expect(try await manager.tasks(matching: TaskFilter(types: ["B.*"], limit: 2)).map(\.id) == ["6", "7"])
        #expect(try await manager.tasks(matching: TaskFilter(limit: 2, after: "7")).map(\.id) == ["8", "9"])
        #expect(try await manager.tasks(matching: TaskFilter(limit: 1, newestFirst: true)).map(\.id) == ["10"])
        #expect(try await manager.tasks(matching: TaskFilter(statuses: [.completed])).map(\.id) == ["1"])
        #expect(try await manager.tasks(matching: TaskFilter(statuses: [.pending, .failed])).count == 9)
        #expect(try await manager.tasks(matching: TaskFilter(types: ["C"])).isEmpty)
        #expect(try await manager.task(id: "77")?.id == nil)
        #expect(try await manager.task(id: "x")?.id == nil)
    }
}
