import Foundation
import Testing
import WorkerHostTesting

@testable import WorkerHostCore

/// Real processes that serve many tasks.
@Suite struct PooledWorkerTests {
    private static let environment = ["PATH": ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin"]

    private func worker(_ configuration: WorkerConfiguration) -> PooledWorker {
        PooledWorker(configuration, environment: Self.environment)
    }

    private func pid(_ outcome: AttemptOutcome?) -> Int32? { outcome?.record.pid }

    @Test func oneProcessServesManyTasks() async {
        let worker = worker(PoolFixture.configuration())
        let sink = OutcomeCollector()
        worker.dispatch((0..<500).map { PoolFixture.leased($0) }, to: sink)
        #expect(await eventually { sink.count == 500 })
        #expect(sink.outcomes.allSatisfy { $0.value != nil })
        #expect(Set(sink.outcomes.map { $0.leased.task.id }).count == 500)
        #expect(Set(sink.outcomes.compactMap { $0.record.pid }).count == 1)
        await worker.close()
        #expect(worker.processCount == 0)
    }

    @Test func aDyingProcessFailsItsTaskAloneAndTheOthersMoveOn() async {
        let worker = worker(PoolFixture.configuration())
        let sink = OutcomeCollector()
        // Quick ones first, so that several are given at once.
        worker.dispatch((0..<50).map { PoolFixture.leased($0) }, to: sink)
        #expect(await eventually { sink.count == 50 })
        worker.dispatch(
            (50..<70).map { PoolFixture.leased($0, $0 == 55 ? #"{"die":9}"# : "{}") }, to: sink)
        #expect(await eventually { sink.count == 70 })
        #expect(sink.outcome(55)?.failure?.kind == .crashed(signal: 9))
        #expect(sink.outcomes.count { $0.value != nil } == 69, "nobody else lost anything")
        #expect(Set(sink.outcomes.compactMap { $0.record.pid }).count == 2)
        await worker.close()
    }

    @Test func anExitCodeAndWhatItSaidBelongToTheTask() async {
        let worker = worker(PoolFixture.configuration())
        let sink = OutcomeCollector()
        worker.dispatch([PoolFixture.leased(1, #"{"exit":7}"#), PoolFixture.leased(2)], to: sink)
        #expect(await eventually { sink.count == 2 })
        #expect(sink.outcome(1)?.failure?.exitCode == 7 && sink.outcome(1)?.failure?.isRetriable == true)
        #expect(sink.outcome(2)?.value != nil)
        await worker.close()
    }

    @Test func aDeadlineEndsOnlyTheProcessConcerned() async {
        let worker = worker(PoolFixture.configuration(concurrency: 2, timeout: .milliseconds(300)))
        let sink = OutcomeCollector()
        worker.dispatch([PoolFixture.leased(1, #"{"sleep":60}"#)] + (2..<40).map { PoolFixture.leased($0) }, to: sink)
        #expect(await eventually { sink.count == 39 })
        #expect(sink.outcome(1)?.failure?.kind == .timeout)
        #expect(sink.outcomes.count { $0.value != nil } == 38)
        #expect(sink.outcome(1)?.record.incidents.contains { $0.kind == "terminating" } == true)
        await worker.close()
    }

    @Test func garbageUnknownAndDuplicateRepliesHurtNobody() async {
        let worker = worker(PoolFixture.configuration())
        let sink = OutcomeCollector()
        let unknown = #"{"raw":"{\"id\":\"nobody\",\"success\":true}\n{\"id\":\"t1\",\"success\":true,\"result\":5}"}"#
        worker.dispatch([PoolFixture.leased(1, unknown)], to: sink)
        #expect(await eventually { sink.count == 1 })
        #expect(sink.outcome(1)?.value == "5")
        worker.dispatch(
            [
                PoolFixture.leased(2, #"{"stray":"banner\n{\"half\": ["}"#),
                PoolFixture.leased(3, #"{"raw":"{\"id\":\"t3\",\"success\":true}\n{\"id\":\"t3\",\"success\":true}"}"#),
                PoolFixture.leased(4, #"{"raw":"{\"success\":true,\"result\":\"no id\"}"}"#),
                PoolFixture.leased(5, #"{"fail":true}"#),
            ], to: sink)
        #expect(await eventually { sink.count == 5 })
        #expect(sink.outcome(2)?.value != nil && sink.outcome(3)?.value == "null")
        #expect(sink.outcome(4)?.value == "\"no id\"")
        #expect(sink.outcome(5)?.failure?.kind == .permanent && sink.outcome(5)?.failure?.type == "ValueError")
        await worker.close()
    }

    @Test func aReplyOverTheLimitFailsItsTask() async {
        var configuration = PoolFixture.configuration()
        configuration.limits.maxReplyBytes = 4096
        let worker = worker(configuration)
        let sink = OutcomeCollector()
        worker.dispatch(
            [PoolFixture.leased(1, "{\"raw\":\"\(String(repeating: "x", count: 9000))\"}"), PoolFixture.leased(2)],
            to: sink)
        #expect(await eventually { sink.count == 2 })
        #expect(sink.outcome(1)?.failure?.kind == .resourceLimit(.replySize), "\(String(describing: sink.outcome(1)))")
        #expect(sink.outcome(2)?.value != nil)
        await worker.close()
    }

    @Test func theNumberOfTasksTheAgeAndTheSizeReplaceAProcess() async {
        for pool in [
            PoolSettings(maxTasks: 20), PoolSettings(maxAge: .milliseconds(50)), PoolSettings(maxMemoryMiB: 60),
        ] {
            let worker = worker(PoolFixture.configuration(pool: pool))
            let sink = OutcomeCollector()
            var id = 0
            #expect(
                await eventually {
                    let task = PoolFixture.leased(id, pool.maxMemoryMiB == nil ? "{}" : #"{"grow":80}"#)
                    worker.dispatch([task], to: sink)
                    id += 1
                    return await eventually { sink.count == id }
                        && Set(sink.outcomes.compactMap(\.record.pid)).count >= 3
                }, "\(pool)")
            #expect(sink.outcomes.allSatisfy { $0.value != nil }, "\(pool)")
            await worker.close()
        }
    }

    @Test func idleProcessesEndButTheLeastNumberStays() async throws {
        let gate = NSTemporaryDirectory() + "gate-\(UUID().uuidString)"
        let worker = worker(
            PoolFixture.configuration(pool: PoolSettings(min: 1, idleTimeout: .milliseconds(50)), concurrency: 4))
        #expect(await eventually { worker.processCount == 1 }, "the least number is there from the start")
        let sink = OutcomeCollector()
        worker.dispatch((0..<4).map { PoolFixture.leased($0, #"{"wait":"\#(gate)"}"#) }, to: sink)
        #expect(await eventually { worker.processCount == 4 }, "it grows: \(worker.processCount), \(sink.outcomes)")
        try Data().write(to: URL(fileURLWithPath: gate))
        #expect(await eventually { sink.count == 4 && worker.processCount == 1 }, "and shrinks")
        await worker.close()
    }

    @Test func aTaskIsNotGivenBehindALongOneWhileAProcessIsFree() async throws {
        let gate = NSTemporaryDirectory() + "gate-\(UUID().uuidString)"
        let worker = worker(PoolFixture.configuration(concurrency: 2))
        let sink = OutcomeCollector()
        worker.dispatch(
            [PoolFixture.leased(0, #"{"wait":"\#(gate)"}"#)] + (1..<60).map { PoolFixture.leased($0) }, to: sink)
        #expect(await eventually { sink.count == 59 }, "all short ones are done")
        #expect(sink.outcome(0) == nil)
        try Data().write(to: URL(fileURLWithPath: gate))
        #expect(await eventually { sink.count == 60 })
        await worker.close()
    }

    @Test func aWorkerThatServesOneTaskAProcessIsServedThatWay() async {
        let script = "read -r line; echo '{\"success\":true,\"result\":1}'"
        let configuration = WorkerConfiguration(
            name: "single", projectPath: "/tmp", command: ["sh", "-c", script], taskTypes: ["*"], mode: .pool,
            concurrency: 1)
        let events = Guarded<[String]>([])
        let services = LaneServices(
            emit: { new in
                for case .hostStateChanged(.workerServedAsOneshot(let worker, _)) in new {
                    events.withLock { $0.append(worker) }
                }
            }, flightRecorder: nil, hostMark: "", passesOutput: false)
        let worker = PooledWorker(configuration, environment: Self.environment, services: services)
        let sink = OutcomeCollector()
        for id in 0..<20 { worker.dispatch([PoolFixture.leased(id)], to: sink) }
        #expect(await eventually { sink.count == 20 })
        #expect(sink.outcomes.allSatisfy { $0.value == "1" })
        #expect(events.withLock { $0 } == ["single"], "one warning")
        await worker.close()
    }

    @Test func aWorkerThatReadsToTheEndIsServedThatWay() async {
        let script = "cat >/dev/null; echo '{\"success\":true,\"result\":1}'"
        let configuration = WorkerConfiguration(
            name: "single", projectPath: "/tmp", command: ["sh", "-c", script], taskTypes: ["*"], mode: .pool,
            concurrency: 1, pool: PoolSettings(startupTimeout: .milliseconds(200)))
        let worker = worker(configuration)
        let sink = OutcomeCollector()
        worker.dispatch((0..<5).map { PoolFixture.leased($0) }, to: sink)
        #expect(await eventually { sink.count == 5 })
        #expect(sink.outcomes.allSatisfy { $0.value == "1" }, "\(sink.outcomes)")
        await worker.close()
    }

    @Test func aProcessThatCannotBecomeReadyIsAFailedStart() async {
        let known = worker(PoolFixture.configuration(pool: PoolSettings(min: 1), environment: ["DIE_AT_START": "1"]))
        let sink = OutcomeCollector()
        known.dispatch([PoolFixture.leased(1)], to: sink)
        #expect(await eventually { sink.count == 1 })
        let failure = sink.outcome(1)?.failure
        #expect(failure?.kind == .startFailed || failure?.exitCode == 1, "\(String(describing: failure))")
        #expect(failure?.message.contains("no module named x") == true)
        await known.close()
        let missing = worker(
            WorkerConfiguration(
                name: "m", projectPath: "/tmp", command: ["/nonexistent/x"], taskTypes: ["*"], mode: .pool,
                concurrency: 1))
        missing.dispatch([PoolFixture.leased(2)], to: sink)
        #expect(await eventually { sink.count == 2 })
        #expect(sink.outcome(2)?.failure?.kind == .startFailed)
        await missing.close()
    }

    @Test func aCancelAsksFirstAndHitsNobodyElse() async {
        let worker = worker(PoolFixture.configuration())
        let sink = OutcomeCollector()
        worker.dispatch([PoolFixture.leased(1, #"{"sleep":60}"#), PoolFixture.leased(2)], to: sink)
        worker.stop(taskID: "t1", leaseToken: "other", reason: .cancelled)
        worker.dispatch([PoolFixture.leased(3)], to: sink)
        worker.stop(taskID: "t3", leaseToken: "l3", reason: .cancelled)
        #expect(await eventually { sink.outcome(3)?.failure?.type == "Cancelled" }, "it had not begun")
        #expect(
            await eventually {
                worker.stop(taskID: "t1", leaseToken: "l1", reason: .cancelled)
                return sink.count == 3
            })
        #expect(sink.outcome(1)?.failure?.type == "Cancelled")
        #expect(sink.outcome(2)?.value != nil)
        await worker.close()
    }

    @Test func aStopOfAllGivesTheTasksBack() async {
        let worker = worker(PoolFixture.configuration(concurrency: 2))
        let sink = OutcomeCollector()
        worker.dispatch((0..<2).map { PoolFixture.leased($0, #"{"sleep":60}"#) }, to: sink)
        #expect(await eventually { worker.processCount == 2 })
        worker.stopAll(reason: .shutdown, hurry: true)
        #expect(await eventually { sink.count == 2 })
        #expect(sink.outcomes.allSatisfy { $0.failure?.kind == .interrupted })
        await worker.close()
    }

    @Test func tasksSideBySideAreAnsweredInAnyOrder() async {
        let worker = worker(PoolFixture.configuration(ready: 8))
        let sink = OutcomeCollector()
        worker.dispatch((0..<100).map { PoolFixture.leased($0) }, to: sink)
        #expect(await eventually { sink.count == 100 })
        #expect(sink.outcomes.allSatisfy { $0.value != nil })
        await worker.close()
    }

    @Test func tasksAndRepliesInMessagePack() async {
        let worker = worker(MessagePackFixture.configuration())
        let sink = OutcomeCollector()
        worker.dispatch(
            (0..<200).map { PoolFixture.leased($0, #"{"n":\#($0),"list":[1,2.5,null,true,"x"]}"#) }, to: sink)
        #expect(await eventually { sink.count == 200 })
        #expect(
            sink.outcome(7)?.value
                == #"{"params":{"n":7,"list":[1,2.5,null,true,"x"]},"text":"é","n":1099511627776}"#,
            "\(String(describing: sink.outcome(7)))")
        #expect(Set(sink.outcomes.compactMap(\.record.pid)).count == 1)
        worker.dispatch([PoolFixture.leased(300, #"{"n":1e999}"#), PoolFixture.leased(301)], to: sink)
        #expect(await eventually { sink.count == 202 })
        #expect(sink.outcome(300)?.failure?.kind == .invalidParameters, "\(String(describing: sink.outcome(300)))")
        #expect(sink.outcome(301)?.value != nil)
        await worker.close()
    }

    /// Prints between frames, a frame of 2 GiB announced, half a frame and silence, a reply that JSON cannot hold.
    @Test(arguments: ["print", "huge", "half", "badkey"])
    func brokenFramesFailTheirTaskAndNoOther(_ fault: String) async {
        let worker = worker(MessagePackFixture.configuration(timeout: .seconds(2)))
        let sink = OutcomeCollector()
        worker.dispatch(
            [PoolFixture.leased(1), PoolFixture.leased(2, "{\"\(fault)\":1}"), PoolFixture.leased(3)], to: sink)
        #expect(await eventually { sink.count == 3 })
        #expect(sink.outcome(1)?.value != nil && sink.outcome(3)?.value != nil, "\(sink.outcomes)")
        let failure = sink.outcome(2)?.failure
        #expect(failure?.kind == (fault == "half" ? .timeout : .protocolViolation), "\(String(describing: failure))")
        await worker.close()
    }

    @Test func aReplyThatIsTooLongAsJSONFailsItsTaskAlone() async {
        var configuration = MessagePackFixture.configuration()
        configuration.limits.maxReplyBytes = 4096
        let worker = worker(configuration)
        let sink = OutcomeCollector()
        worker.dispatch(
            [
                PoolFixture.leased(1, #"{"control":600}"#), PoolFixture.leased(2, #"{"control":3000}"#),
                PoolFixture.leased(3),
            ],
            to: sink)
        #expect(await eventually { sink.count == 3 })
        #expect(sink.outcome(1)?.value?.utf8.count == 3602 && sink.outcome(3)?.value != nil)
        let failure = sink.outcome(2)?.failure
        #expect(failure?.kind == .resourceLimit(.replySize) && failure?.type == "ReplyTooLarge")
        #expect(failure?.message.contains("limits.max_reply_bytes: /result: up to here it is more than 4096") == true)
        #expect(Set(sink.outcomes.compactMap(\.record.pid)).count == 1, "the process goes on")
        await worker.close()
    }

    @Test func aHostRunsPooledTasksAndAPoisonTaskStops() async throws {
        let fixture = try HostFixture(
            [PoolFixture.configuration(concurrency: 2, maxAttempts: 3)], environment: Self.environment)
        for index in 0..<300 {
            await fixture.queue.enqueue(
                type: "T", params: RawJSON(unchecked: Array((index == 100 ? #"{"die":9}"# : "{}").utf8)))
        }
        let summary = try await fixture.host.run(untilIdle: true)
        #expect(summary.completed == 299 && summary.failed == 1 && summary.retried == 2)
        let poison = try await fixture.entry("101")
        #expect(poison.failure?.kind == .crashed(signal: 9) && poison.attempts == 3)
        for id in (1...300).map(String.init) where id != "101" {
            #expect(try await fixture.entry(id).attempts == 1, "nobody else lost an attempt")
        }
        #expect(fixture.events.lines.contains { $0.hasPrefix("security leftover_killed") } == false)
    }
}
