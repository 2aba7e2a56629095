import Foundation
import Testing

/// Many tasks through the HTTP adapter while the server is killed ten times and the host five times, and 30 % of all
/// completes are answered with an error.
///
/// `WORKERHOST_SOAK_TASKS=20000 swift test --filter SoakTests` is the whole of it.
@Suite(.serialized) struct SoakTests {
    private static var count: Int {
        ProcessInfo.processInfo.environment["WORKERHOST_SOAK_TASKS"].flatMap { Int($0) } ?? 2000
    }

    @Test(arguments: [false, true])
    func everyTaskIsCompletedOnce(quirks: Bool) async throws {
        let count = Self.count
        let soak = try await SoakFixture(count: count, quirks: quirks)
        // Two servers, then a host, five times over, while the tasks go by.
        for step in 1...15 {
            try #require(try await soak.completed(reach: count * step / 17), "step \(step): \(soak.state)")
            if step % 3 == 0 { try await soak.killHost() } else { try await soak.killServer() }
        }
        try #require(try await soak.completed(reach: count), "\(soak.state)")
        let outcome = await soak.stop()
        #expect(outcome.code == 0, "\(outcome.errorText.suffix(4000))")

        let audit = try Audit(path: soak.data)
        #expect(audit.completions.count == count, "every task is completed")
        #expect(audit.completions.values.allSatisfy { $0 == 1 }, "and none twice")
        #expect(audit.failures.isEmpty)
        #expect(audit.numbers.count == count && audit.numbers.allSatisfy { $1 == ($0 - 1) * 2 }, "with its own result")
        let workers = audit.claims.values.flatMap { $0.map(\.worker) }
        #expect(Set(workers).count == workers.count, "each claim has a worker_id of its own: the only fence there is")

        let runs = try soak.runs()
        #expect(runs.count == count, "nothing is completed that did not run")
        let repeated = RepeatedRuns(
            runs, audit, hostKills: soak.hostKills, timeout: SoakFixture.claimTimeout)
        #expect(repeated.unexplained.isEmpty, "\(repeated)")
        // What a host has in flight, and outcomes of the last moments: those that are in the outbox are not run again.
        #expect(repeated.hostKilled.count <= soak.hostKills.count * 150, "\(repeated)")
        #expect(try soak.leaks() == [])
        print(
            "soak of \(count) tasks, \(quirks ? "quirks" : "documented") face, \(soak.serverKills.count) servers and "
                + "\(soak.hostKills.count) hosts killed, \(audit.recovered.count) outcomes found again after a kill; \(repeated)"
        )
    }
}
