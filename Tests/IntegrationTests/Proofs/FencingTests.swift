import Foundation
import Testing

/// B1, B5, B7, B10: leases among several hosts, and hosts that stop.
@Suite struct FencingTests {
    /// A host that was stopped for longer than its lease finds its tasks taken. It ends its attempts, and none of its
    /// reports counts; no host ever has two processes for one task.
    @Test func aHostThatWasFrozenLosesItsLeases() async throws {
        let fixture = try ProofFixture(
            ["{name: w, project_path: ., command: [./work.sh], task_types: [T], concurrency: 2, stop_grace: 0.1}"],
            queue: ", claim_timeout: 1")
        // Runs until it is let, and says so; notes a second process of the same host for the same task.
        try fixture.script(
            "work.sh",
            """
            read task
            id=${task#*'"id":"'}; id=${id%%'"'*}
            mkdir "lock-$PPID-$id" 2>/dev/null || echo "$PPID $id" >> doubles
            echo "$PPID $id" >> started
            while [ ! -e go ]; do sleep 0.02; done
            rmdir "lock-$PPID-$id"
            echo "{\\"success\\":true,\\"result\\":{\\"host\\":$PPID}}"
            """)
        try await fixture.submit(2)
        let first = try fixture.runner.start(["run"])
        #expect(await eventually { fixture.lines(of: "started").count == 2 })
        first.signal(SIGSTOP)
        let second = try fixture.runner.start(["run", "--until-idle"])
        #expect(await eventually { fixture.lines(of: "started").count == 4 }, "the leases are stolen")
        first.signal(SIGCONT)
        // The attempts of the first host end although nobody lets them.
        #expect(await first.wait { $0.errorSoFar.components(separatedBy: "task given back").count == 3 })
        try fixture.scratch.write("go", "")
        let outcome = await second.outcome()
        #expect(outcome.code == 0, "\(outcome)")
        first.signal(SIGTERM)
        let ended = await first.outcome()
        #expect(ended.code == 0 && !ended.errorText.contains("task completed"), "\(ended)")
        let tasks = try await fixture.tasks()
        #expect(tasks.allSatisfy { $0["status"] as? String == "completed" })
        for task in tasks { #expect((task["result"] as? [String: Any])?["host"] as? Int == Int(second.pid)) }
        #expect(fixture.lines(of: "doubles").isEmpty)
    }

    /// A report that comes after the lease was lost is refused: the worker had finished while its host was frozen.
    @Test func aLateReportIsRefused() async throws {
        let fixture = try ProofFixture(
            ["{name: w, project_path: ., command: [./work.sh], task_types: [T], concurrency: 1}"],
            queue: ", claim_timeout: 1")
        try fixture.script(
            "work.sh",
            """
            read task; echo $PPID >> started
            while [ ! -e "go-$PPID" ]; do sleep 0.02; done
            echo "{\\"success\\":true,\\"result\\":{\\"host\\":$PPID}}"; echo $PPID >> done
            """)
        try await fixture.submit(1)
        let first = try fixture.runner.start(["run"])
        #expect(await eventually { fixture.lines(of: "started").count == 1 })
        first.signal(SIGSTOP)
        let second = try fixture.runner.start(["run", "--until-idle"])
        #expect(await eventually { fixture.lines(of: "started").count == 2 })
        try fixture.scratch.write("go-\(first.pid)", "")
        #expect(await eventually { fixture.lines(of: "done").count == 1 })
        first.signal(SIGCONT)
        #expect(await first.wait { $0.errorSoFar.contains("lease was lost") })
        try fixture.scratch.write("go-\(second.pid)", "")
        #expect(await second.outcome().code == 0)
        first.signal(SIGTERM)
        _ = await first.outcome()
        let tasks = try await fixture.tasks()
        #expect((tasks.first?["result"] as? [String: Any])?["host"] as? Int == Int(second.pid))
        #expect(fixture.lines(of: "done").count == 2)
    }

    /// B5: SIGTERM at thirty moments; no outcome is lost, and none is a failure.
    @Test func thirtyStopsLoseNothing() async throws {
        let fixture = try ProofFixture(
            [
                "{name: w, project_path: ., command: [./quick.sh], task_types: [Q], concurrency: 2, max_retries: 1}",
                "{name: l, project_path: ., command: [./slow.sh], task_types: [L], concurrency: 2, max_retries: 1, stop_grace: 0.2}",
            ], extra: "shutdown_timeout: 0.05")
        let reply = #"echo '{"success":true,"result":{"ok":true}}'"#
        try fixture.script("quick.sh", "read task; \(reply)")
        try fixture.script("slow.sh", "read task; sleep 0.15; \(reply)")
        let total = (quick: 600, slow: 60)
        try await fixture.submit(total.quick, type: "Q")
        try await fixture.submit(total.slow, type: "L")
        for _ in 0..<30 {
            let host = try fixture.runner.start(["run"])
            if await host.wait(until: { $0.errorSoFar.contains("host is running") }) {
                let pause = Double.random(in: 0...0.08)
                await sleep(pause)
                host.signal(SIGTERM)
            }
            let outcome = await host.outcome()
            #expect(outcome.code == 0, "\(outcome)")
            let counts = try await fixture.counts()
            #expect(counts["failed"] == 0 && counts["running"] == 0, "\(counts)")
            #expect((counts["pending"] ?? 0) + (counts["completed"] ?? 0) == total.quick + total.slow)
        }
        let last = try await fixture.runner.run(["run", "--until-idle"])
        #expect(last.code == 0, "\(last)")
        #expect(try await fixture.counts()["completed"] == total.quick + total.slow)
        let attempts = try await fixture.tasks().compactMap { $0["attempts"] as? Int }
        #expect(attempts.allSatisfy { $0 == 1 }, "being stopped spends no attempt")
    }

    /// B7, B10: eight host processes on one file.
    @Test func eightHostsNeitherCollideNorRunATaskTwice() async throws {
        let fixture = try ProofFixture([
            "{name: w, project_path: ., command: [./work.sh], task_types: [T], concurrency: 1}"
        ])
        try fixture.script(
            "work.sh",
            """
            read task; id=${task#*'"id":"'}; id=${id%%'"'*}; echo "$id" >> started
            echo '{"success":true,"result":{"ok":true}}'
            """)
        try await fixture.submit(600)
        let outcomes = try await withThrowingTaskGroup(of: CommandOutcome.self) { group in
            for _ in 0..<8 { group.addTask { try await fixture.runner.run(["run", "--until-idle"]) } }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        for outcome in outcomes {
            #expect(outcome.code == 0, "\(outcome)")
            for trouble in ["locked", "busy", "does not answer"] { #expect(!outcome.errorText.contains(trouble)) }
        }
        let started = fixture.lines(of: "started")
        #expect(started.count == 600 && Set(started).count == 600)
        #expect(try await fixture.counts()["completed"] == 600)
    }

    /// B7: a task that waits for its time or its retry is held by nobody.
    @Test func delayedAndRetriedTasksAreNotHeld() async throws {
        let fixture = try ProofFixture(
            ["{name: w, project_path: ., command: [FAULT, exit, '1'], task_types: [T], retry_backoff: 600}"]
        )
        try await fixture.submit([#"{"type":"T","params":{},"delay":600}"#, #"{"type":"T","params":{}}"#])
        let host = try fixture.runner.start(["run"])
        #expect(await host.wait { $0.errorSoFar.contains("will be tried again") })
        let tasks = try await fixture.tasks()
        #expect(tasks.count == 2)
        for task in tasks {
            #expect(task["status"] as? String == "pending")
            #expect(task["lease_owner"] is NSNull)
            #expect(task["not_before"] is String)
        }
        #expect(fixture.processes("faultchild").isEmpty)
        host.signal(SIGTERM)
        #expect(await host.outcome().code == 0)
    }
}

/// Waits a while without holding a thread.
func sleep(_ seconds: Double) async {
    await withCheckedContinuation { continuation in
        DispatchQueue.global().asyncAfter(deadline: .now() + seconds) { continuation.resume() }
    }
}
