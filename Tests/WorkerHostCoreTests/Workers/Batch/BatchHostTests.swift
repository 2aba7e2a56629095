import Foundation
import Testing
import WorkerHostTesting

@testable import WorkerHostCore

/// A host whose worker gets its tasks in batches.
@Suite struct BatchHostTests {
    private static let environment = ["PATH": ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin"]

    @Test func aPoisonTaskStopsAndNobodyElseLosesAnAttempt() async throws {
        let fixture = try HostFixture(
            [BatchFixture.configuration(BatchSettings(size: 20), concurrency: 2, maxAttempts: 3)],
            environment: Self.environment)
        for index in 0..<100 {
            await fixture.queue.enqueue(
                type: "T", params: RawJSON(unchecked: Array((index == 30 ? #"{"die":9}"# : "{}").utf8)))
        }
        let summary = try await fixture.host.run(untilIdle: true)
        #expect(summary.completed == 99 && summary.failed == 1 && summary.retried == 2)
        let poison = try await fixture.entry("31")
        #expect(poison.failure?.kind == .crashed(signal: 9) && poison.attempts == 3)
        for id in (1...100).map(String.init) where id != "31" {
            #expect(try await fixture.entry(id).attempts == 1, "nobody else lost an attempt")
        }
        #expect(fixture.events.lines.contains { $0.hasPrefix("security leftover_killed") } == false)
    }

    @Test func failuresOfSomeAreTriedAgainForThemselves() async throws {
        let fixture = try HostFixture(
            [BatchFixture.configuration(BatchSettings(size: 8), maxAttempts: 2)], environment: Self.environment)
        for index in 0..<8 {
            let params = index == 3 ? #"{"raw":"{\"success\":false}"}"# : index == 5 ? #"{"fail":true}"# : "{}"
            await fixture.queue.enqueue(type: "T", params: RawJSON(unchecked: Array(params.utf8)))
        }
        let summary = try await fixture.host.run(untilIdle: true)
        #expect(summary.completed == 6 && summary.failed == 2 && summary.retried == 1)
        #expect(try await fixture.entry("4").attempts == 2)
        #expect(try await fixture.entry("6").attempts == 1, "not to be tried again")
    }
}
