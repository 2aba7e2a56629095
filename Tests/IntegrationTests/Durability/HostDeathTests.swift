import Foundation
import Testing

/// kill -9 of the host at any moment: no task is lost, none is completed twice, no process is left behind.
@Suite struct HostDeathTests {
    /// A queue and a worker that notes each run: `runs` gets a line when a task starts and one when it is done.
    private struct Fixture {
        let scratch: ScratchDirectory
        let runner: CommandRunner

        init(worker: String, concurrency: Int, maxRetries: Int = 5) throws {
            scratch = try ScratchDirectory()
            var runner = CommandRunner.workerhost.inside(scratch.path)
            runner.bound = .seconds(300)
            self.runner = runner
            let path = try scratch.write("worker.sh", "#!/bin/sh\n\(worker)\n")
            try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: path)
            try scratch.write(
                "workerhost.yaml",
                """
                version: "1.0"
                task_manager: {type: sqlite, path: state/queue.sqlite, retry_backoff: 0.01}
                logging: {level: INFO}
                workers:
                  - {name: w, project_path: ., command: [./worker.sh], task_types: [T], concurrency: \(concurrency),
                     max_retries: \(maxRetries), stop_grace: 1}
                """)
        }

        func submit(_ count: Int) async throws {
            let lines = (0..<count).map { #"{"type":"T","params":{"n":\#($0)}}"# }.joined(separator: "\n")
            let outcome = try await runner.run(["submit", "-"], input: .text(lines + "\n"))
            try #require(outcome.code == 0, "\(outcome)")
        }

        func counts() async throws -> [String: Int] {
            let outcome = try await runner.run(["status", "--json"])
            let status = try #require(try outcome.json() as? [String: Any], "\(outcome)")
            return try #require(status["tasks"] as? [String: Int])
        }

        func tasks() async throws -> [[String: Any]] {
            let outcome = try await runner.run(["tasks", "--json", "--limit", "100000"])
            return try #require(try outcome.json() as? [[String: Any]], "\(outcome)")
        }

        /// Waits until so many lines are in the worker's notes.
        func runs(reach count: Int) async -> Bool {
            await eventually { self.runLines().count >= count }
        }

        func runLines() -> [Substring] {
            // Not there before the first task has run.
            guard let text = try? scratch.read("runs") else { return [] }
            return text.split(separator: "\n")
        }

        /// The processes that were started from this fixture's directory.
        func workerProcesses() -> [String] {
            let entries = (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []
            return entries.filter { entry in
                guard Int32(entry) != nil else { return false }
                let directory = try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/\(entry)/cwd")
                return directory == scratch.path
            }
        }
    }

    private static let quick = """
        read task
        id=${task#*'"id":"'}; id=${id%%'"'*}
        echo "start $id" >> runs
        sleep 0.01
        echo "done $id" >> runs
        echo '{"success":true,"result":{"ok":true}}'
        """

    @Test func aSecondHostFinishesWhatAKilledOneLeft() async throws {
        let fixture = try Fixture(worker: Self.quick, concurrency: 4)
        try await fixture.submit(1000)
        var lines = 0
        for _ in 0..<3 {
            let host = try fixture.runner.start(["run"])
            lines = fixture.runLines().count + 200
            #expect(await fixture.runs(reach: lines))
            host.signal(SIGKILL)
            _ = await host.outcome()
            #expect(await eventually { fixture.workerProcesses().isEmpty }, "no process outlives its host")
        }
        let last = try await fixture.runner.run(["run", "--until-idle"])
        #expect(last.code == 0, "\(last)")
        #expect(try await fixture.counts() == ["pending": 0, "running": 0, "completed": 1000, "failed": 0])
        let started = fixture.runLines().filter { $0.hasPrefix("start") }
        #expect(Set(started).count == 1000, "every task ran")
        let repeated = started.count - 1000
        // What ran, or had run and was not reported yet, when a host died runs again: some at each of three deaths.
        #expect(repeated <= 3 * 100, "\(repeated) attempts were repeated")
        let attempts = try await fixture.tasks().compactMap { $0["attempts"] as? Int }
        #expect(attempts.count == 1000 && attempts.allSatisfy { (1...4).contains($0) })
    }

    @Test func aTaskThatKillsItsHostStopsAfterItsAttempts() async throws {
        let fixture = try Fixture(
            worker: "read task; echo start >> runs; kill -9 $PPID; sleep 60", concurrency: 1, maxRetries: 3)
        try await fixture.submit(1)
        for death in 1...3 {
            let outcome = try await fixture.runner.run(["run", "--until-idle"])
            #expect(outcome.code == 128 + SIGKILL, "death \(death): \(outcome)")
        }
        let outcome = try await fixture.runner.run(["run", "--until-idle"])
        #expect(outcome.code == 1, "\(outcome)")
        #expect(fixture.runLines().count == 3, "exactly as many runs as attempts")
        #expect(try await fixture.counts()["failed"] == 1)
        let story = try await fixture.runner.run(["explain", "1"])
        #expect(story.text.contains("AttemptsExhausted"), "\(story)")
        #expect(story.text.contains("died"), "\(story)")
    }

    @Test func severalHostsShareOneQueue() async throws {
        let fixture = try Fixture(worker: Self.quick, concurrency: 2)
        try await fixture.submit(400)
        async let first = fixture.runner.run(["run", "--until-idle"])
        async let second = fixture.runner.run(["run", "--until-idle"])
        async let third = fixture.runner.run(["run", "--until-idle"])
        for outcome in try await [first, second, third] { #expect(outcome.code == 0, "\(outcome)") }
        let started = fixture.runLines().filter { $0.hasPrefix("start") }
        #expect(started.count == 400 && Set(started).count == 400, "each task ran exactly once")
        #expect(try await fixture.counts()["completed"] == 400)
    }

    @Test func grandchildrenOfAKilledHostAreEndedByTheNext() async throws {
        let fixture = try Fixture(
            worker: "read task; setsid sleep 600 </dev/null >/dev/null 2>&1 & echo start >> runs; exec sleep 600",
            concurrency: 1)
        try await fixture.submit(1)
        let host = try fixture.runner.start(["run"])
        #expect(await fixture.runs(reach: 1))
        host.signal(SIGKILL)
        _ = await host.outcome()
        // The worker itself died with its host; what escaped from its group did not.
        #expect(await eventually { fixture.workerProcesses().count <= 1 })
        let escaped = fixture.workerProcesses()
        let next = try fixture.runner.start(["run"])
        #expect(await fixture.runs(reach: 2))
        #expect(await eventually { Set(fixture.workerProcesses()).isDisjoint(with: escaped) })
        next.signal(SIGTERM)
        #expect(await next.wait { $0.errorSoFar.contains("Stopping") })
        next.signal(SIGTERM)
        _ = await next.outcome()
        #expect(await eventually { fixture.workerProcesses().isEmpty })
    }
}

/// Waits for a condition, at most two minutes.
func eventually(_ condition: () async throws -> Bool) async rethrows -> Bool {
    for _ in 0..<6000 {
        if try await condition() { return true }
        await withCheckedContinuation { continuation in
            DispatchQueue.global().asyncAfter(deadline: .now() + .milliseconds(20)) { continuation.resume() }
        }
    }
    return false
}
