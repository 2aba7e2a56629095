import Foundation
import Testing

/// B4, C5: the host is killed at chosen moments of an attempt.
@Suite struct CrashPointTests {
    @Test(arguments: ["before-input", "before-reply", "after-reply", "0", "100", "300", "1000", "3000", "10000"])
    func oneReportAndAtMostOneRepetition(_ moment: String) async throws {
        let fixture = try ProofFixture([
            "{name: w, project_path: ., command: [FAULT, kills-host, '\(moment)', killed], task_types: [T], concurrency: 1}"
        ])
        try await fixture.submit(1)
        let first = try await fixture.runner.run(["run"])
        #expect(first.code == 128 + SIGKILL, "\(first)")
        let second = try await fixture.runner.run(["run", "--until-idle"])
        #expect(second.code == 0 && !second.overran, "\(second)")
        let tasks = try await fixture.tasks()
        #expect(tasks.map { $0["status"] as? String } == ["completed"])
        let runs = fixture.lines(of: "runs").count
        #expect((1...2).contains(runs), "\(runs) runs")
        if moment.hasPrefix("before") { #expect(runs == 2) }
        // The second host ran it again or found it done; either way it reported at most one outcome.
        #expect(second.errorText.contains("\(runs - 1) completed in"), "\(second)")
    }

    @Test func noneOfFiftyStuckChildrenOutlivesAKilledHost() async throws {
        let fixture = try ProofFixture([
            "{name: c, project_path: ., command: [FAULT, ignores-term], task_types: [C], concurrency: 25}",
            "{name: s, project_path: ., command: [sleep, '600'], task_types: [S], concurrency: 25}",
        ])
        try await fixture.submit(25, type: "C")
        try await fixture.submit(25, type: "S")
        let host = try fixture.runner.start(["run"])
        #expect(await eventually { fixture.processes("faultchild").count + fixture.processes("sleep").count == 50 })
        host.signal(SIGKILL)
        _ = await host.outcome()
        #expect(await eventually { fixture.processes().isEmpty })
    }
}
