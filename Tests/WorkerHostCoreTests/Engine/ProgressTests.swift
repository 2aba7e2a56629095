import Foundation
import Testing
import WorkerHostTesting

@testable import WorkerHostCore

@Suite struct ProgressBookTests {
    private func at(_ milliseconds: Int64) -> MonotonicTime { MonotonicTime(nanoseconds: milliseconds * 1_000_000) }

    private func progress(_ id: String, _ percent: Int, token: String = "l") -> TaskProgress {
        TaskProgress(taskID: id, lease: Lease(token: token), percent: percent)
    }

    @Test func theLastOneIsPassedOnAtMostOnceASecond() {
        var book = ProgressBook()
        book.note(progress("a", 1), at(0))
        book.note(progress("a", 2), at(50))
        #expect(book.nextDue == at(100))
        #expect(book.take(at(99)).isEmpty)
        #expect(book.take(at(100)).map(\.percent) == [2])
        for percent in 3..<50 { book.note(progress("a", percent), at(200)) }
        #expect(book.take(at(1099)).isEmpty)
        #expect(book.take(at(1100)).map(\.percent) == [49])
        #expect(book.take(at(2100)).isEmpty)
        #expect(book.isEmpty && book.nextDue == nil, "nothing is kept of a task that says no more")
    }

    @Test func whatCouldNotBePassedOnComesAgainUnlessThereIsSomethingNewer() {
        var book = ProgressBook()
        book.note(progress("a", 1), at(0))
        book.note(progress("b", 1), at(0))
        let taken = book.take(at(100))
        #expect(taken.count == 2)
        book.note(progress("b", 2), at(150))
        book.putBack(taken)
        #expect(Set(book.take(at(1100)).map { "\($0.taskID)\($0.percent)" }) == ["a1", "b2"])
    }

    @Test func anotherLeaseBeginsAnew() {
        var book = ProgressBook()
        book.note(progress("a", 90), at(0))
        _ = book.take(at(100))
        book.note(progress("a", 5, token: "m"), at(200))
        #expect(book.take(at(300)).map(\.lease.token) == ["m"])
    }

    @Test func itIsBounded() {
        var book = ProgressBook()
        for id in 0..<ProgressBook.most * 2 { book.note(progress("\(id)", 1), at(0)) }
        #expect(book.take(at(100)).count == ProgressBook.most)
    }
}

@Suite struct ProgressTests {
    /// From a pooled worker's message to the TaskManager, while the task runs.
    @Test func theTaskManagerHearsHowFarATaskIs() async throws {
        let gate = NSTemporaryDirectory() + "gate-\(UUID().uuidString)"
        let fixture = try HostFixture(
            [PoolFixture.configuration()],
            environment: ["PATH": ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin"])
        let said = #"{\"kind\":\"progress\",\"id\":\"1\",\"percent\":40,\"message\":\"half of it\"}"#
        await fixture.queue.enqueue(
            type: "T", params: RawJSON(unchecked: Array(#"{"stray":"\#(said)","wait":"\#(gate)"}"#.utf8)))
        async let summary = fixture.host.run(untilIdle: true)
        #expect(try await eventually { try await fixture.entry("1").progress?.percent == 40 })
        #expect(try await fixture.entry("1").progress?.message == "half of it")
        try Data().write(to: URL(fileURLWithPath: gate))
        #expect(try await summary.completed == 1)
    }
}
