import Foundation
import Testing

/// A task that kills its worker process: tried so often and no more, and told as what it is.
@Suite struct PoisonTests {
    @Test func aTaskThatKillsItsWorkerStopsAfterItsAttemptsAcrossRestarts() async throws {
        let fixture = try ProofFixture([
            "{name: w, project_path: ., command: [./w.sh], task_types: [T], max_retries: 3, retry_backoff: 0.3}"
        ])
        try fixture.script("w.sh", "read task; echo run >> runs; kill -9 $$")
        try await fixture.submit(1)
        // At least three hosts, since each stops once it has seen another attempt.
        for attempt in 1...3 {
            let host = try fixture.runner.start(["run"])
            #expect(await host.wait { $0.errorSoFar.contains("host is running") })
            let isOver = await eventually {
                let task = try? await fixture.tasks().first
                return fixture.lines(of: "runs").count >= attempt && task?["status"] as? String != "running"
                    && task?["attempts"] as? Int ?? 0 >= attempt
            }
            #expect(isOver, "attempt \(attempt)")
            host.signal(SIGTERM)
            #expect(await host.outcome().code == 0)
        }
        let last = try await fixture.runner.run(["run", "--until-idle"])
        #expect(last.code == 0, "nothing is left to run: \(last)")
        #expect(fixture.lines(of: "runs").count == 3, "exactly as many runs as attempts")
        let task = try #require(try await fixture.tasks().first)
        #expect(task["status"] as? String == "failed" && task["deaths"] as? Int == 3)
        #expect((task["error"] as? [String: Any])?["kind"] as? String == "crashed")

        let status = try await fixture.runner.run(["status"])
        #expect(status.text.contains("failed     1, 1 of them poison"), "\(status)")
        let report = try #require(try await fixture.runner.run(["status", "--json"]).json() as? [String: Any])
        #expect(report["poison"] as? Int == 1)
        let story = try await fixture.runner.run(["explain", "1"])
        #expect(story.text.contains("poison: what ran it died at each of its 3 attempts"), "\(story)")
        #expect(story.text.contains("workerhost dead-letters retry 1"), "\(story)")
        let list = try await fixture.runner.run(["dead-letters", "--kind", "crashed"])
        #expect(list.text.contains("1 dead letter, 1 of them poison"), "\(list)")
    }
}
