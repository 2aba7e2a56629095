import Foundation
import Testing

@testable import WorkerHostCore

/// Real processes that are given several tasks.
@Suite struct BatchWorkerTests {
    private func run(
        _ params: [String], _ configuration: WorkerConfiguration = BatchFixture.configuration()
    ) async -> OutcomeCollector {
        let worker = BatchFixture.worker(configuration)
        let sink = OutcomeCollector()
        worker.dispatch(params.enumerated().map { PoolFixture.leased($0, $1) }, to: sink)
        #expect(await eventually { sink.count == params.count })
        await worker.close()
        #expect(sink.count == params.count, "each once")
        return sink
    }

    @Test func oneProcessAnswersThemAllEachForItself() async {
        let sink = await run(["{}", #"{"fail":true}"#, "{}", "{}"])
        #expect(sink.pids.count == 1)
        #expect(sink.outcome(1)?.failure?.kind == .permanent && sink.outcome(1)?.failure?.type == "ValueError")
        #expect([0, 2, 3].allSatisfy { sink.outcome($0)?.value != nil })
        #expect(sink.outcomes.allSatisfy { $0.record.usage == nil && $0.record.incidents.isEmpty })
    }

    @Test func aReplyIsReportedAsSoonAsItIsThere() async throws {
        let gate = NSTemporaryDirectory() + "gate-\(UUID().uuidString)"
        let worker = BatchFixture.worker()
        let sink = OutcomeCollector()
        worker.dispatch(
            [PoolFixture.leased(0), PoolFixture.leased(1, #"{"wait":"\#(gate)"}"#), PoolFixture.leased(2)], to: sink)
        #expect(await eventually { sink.count == 1 })
        #expect(sink.outcome(0)?.value != nil)
        #expect(worker.concurrency == 2, "what the process has; it is given no more")
        try Data().write(to: URL(fileURLWithPath: gate))
        #expect(await eventually { sink.count == 3 })
        #expect(sink.pids.count == 1)
        #expect(worker.concurrency == 16)
        await worker.close()
    }

    @Test func moreThanTheSizeTakesMoreProcesses() async {
        let sink = await run(Array(repeating: "{}", count: 10), BatchFixture.configuration(BatchSettings(size: 4)))
        #expect(sink.pids.count == 3)
    }

    @Test func aCrashCostsNobodyElseAnAttempt() async {
        let sink = await run(["{}", #"{"die":11}"#, "{}", "{}"])
        #expect(sink.outcome(1)?.failure?.kind == .crashed(signal: 11))
        #expect([0, 2, 3].allSatisfy { sink.outcome($0)?.value != nil })
        #expect(sink.kinds(0).isEmpty && sink.kinds(1) == ["batch_broken"] && sink.kinds(2) == ["batch_broken"])
        #expect(Set([sink.pid(1), sink.pid(2), sink.pid(3)]).count == 3, "each alone")
        let told = sink.outcome(2)?.record.incidents.first?.message
        #expect(told?.contains("3 of 4 tasks unanswered") == true && told?.contains("SIGSEGV") == true)
    }

    @Test func theBadTaskIsFoundAlsoWhereAllAreReadFirst() async {
        let sink = await run(
            ["{}", "{}", #"{"exit":2}"#], BatchFixture.configuration(environment: ["READ_ALL": "1"]))
        #expect(sink.outcome(2)?.failure?.kind == .permanent && sink.outcome(2)?.failure?.exitCode == 2)
        #expect(sink.outcome(0)?.value != nil && sink.outcome(1)?.value != nil)
    }

    @Test func whoCrashedOnceRunsAloneFromThenOn() async {
        let worker = BatchFixture.worker()
        let sink = OutcomeCollector()
        worker.dispatch([PoolFixture.leased(0), PoolFixture.leased(1, #"{"die":9}"#), PoolFixture.leased(2)], to: sink)
        #expect(await eventually { sink.count == 3 })
        let second = OutcomeCollector()
        worker.dispatch(
            [PoolFixture.leased(3), PoolFixture.leased(1, #"{"die":9}"#), PoolFixture.leased(4)], to: second)
        #expect(await eventually { second.count == 3 })
        #expect(second.outcome(1)?.failure?.kind == .crashed(signal: 9) && second.kinds(1).isEmpty)
        #expect(second.kinds(3).isEmpty && second.kinds(4).isEmpty, "its neighbours do not notice")
        #expect(second.pid(3) == second.pid(4))
        await worker.close()
    }

    @Test(arguments: [
        (#"{"exit":1}"#, TaskFailure.Kind.retriable, 1), (#"{"exit":2}"#, .permanent, 2),
        (#"{"exit":3}"#, .timeout, 3), (#"{"exit":143}"#, .retriable, 143), (#"{"skip":1}"#, .protocolViolation, 0),
    ])
    func theExitCodeDecidesAboutTheOneWithoutAReply(_ params: String, _ kind: TaskFailure.Kind, _ code: Int) async {
        let sink = await run(["{}", "{}", params])
        #expect(sink.outcome(0)?.value != nil && sink.outcome(1)?.value != nil)
        #expect(sink.outcome(2)?.failure?.kind == kind && sink.outcome(2)?.failure?.exitCode == Int32(code))
        #expect(sink.pids.count == 1)
    }

    @Test func severalWithoutAReplyAreAskedAlone() async {
        let sink = await run(["{}", "{}", #"{"last":0}"#, "{}", #"{"skip":1}"#])
        #expect([0, 1, 2, 3].allSatisfy { sink.outcome($0)?.value != nil })
        #expect(sink.outcome(4)?.failure?.kind == .protocolViolation)
        #expect(sink.kinds(3) == ["batch_broken"])
    }

    @Test func afterItsReplyTheEndingChangesNothing() async {
        let sink = await run(["{}", #"{"last":7}"#])
        #expect(sink.outcomes.allSatisfy { $0.value != nil })
        let alone = await run([#"{"last":7}"#])
        #expect(alone.outcome(0)?.value != nil && alone.kinds(0) == ["exit_after_reply"])
    }

    @Test func aDeadlineFailsTheTaskInTurnAlone() async {
        let sink = await run(
            ["{}", "{}", #"{"sleep":60}"#, "{}", "{}"], BatchFixture.configuration(timeout: .seconds(2)))
        #expect(sink.outcome(2)?.failure?.kind == .timeout && sink.kinds(2).contains("terminating"))
        #expect([0, 1, 3, 4].allSatisfy { sink.outcome($0)?.value != nil })
        #expect(sink.pids.count == 2 && sink.pid(3) == sink.pid(4), "the others go on together")
    }

    @Test func garbageUnknownAndDuplicateRepliesHurtNobody() async {
        let sink = await run([
            #"{"stray":"banner\n{\"half\": ["}"#,
            #"{"raw":"{\"id\":\"nobody\",\"success\":true}\n{\"id\":\"t1\",\"success\":true,\"result\":5}"}"#,
            #"{"raw":"{\"id\":\"t2\",\"success\":true}\n{\"id\":\"t2\",\"success\":true,\"result\":9}"}"#,
            #"{"raw":"{\"success\":true,\"result\":\"no id\"}"}"#,
            "{}",
        ])
        #expect(sink.outcomes.allSatisfy { $0.value != nil } && sink.pids.count == 1)
        #expect(sink.outcome(1)?.value == "5" && sink.outcome(2)?.value == "null")
        #expect(sink.outcome(3)?.value == "\"no id\"")
        #expect(sink.kinds(0) == ["stray_output"] && sink.kinds(1) == ["unknown_reply"])
        #expect(sink.kinds(3) == ["duplicate_reply"])
    }

    @Test func halfALineIsNoReply() async {
        let sink = await run(["{}", "{}", #"{"half":0}"#])
        #expect(sink.outcome(2)?.failure?.kind == .protocolViolation)
        #expect(sink.outcome(2)?.failure?.message.contains("in the middle of its reply") == true)
        #expect(sink.outcome(0)?.value != nil && sink.outcome(1)?.value != nil)
    }

    @Test func aReplyOverTheLimitFailsItsTaskAlone() async {
        var configuration = BatchFixture.configuration()
        configuration.limits.maxReplyBytes = 4096
        let sink = await run(["{}", #"{"big":9000}"#, "{}"], configuration)
        #expect(sink.outcome(1)?.failure?.kind == .resourceLimit(.replySize))
        #expect(sink.outcome(0)?.value != nil && sink.outcome(2)?.value != nil)
    }

    @Test func largeTasksAndRepliesDoNotBlockEachOther() async {
        let params = #"{"big":300000,"text":"\#(String(repeating: "x", count: 1 << 20))"}"#
        let sink = await run(Array(repeating: params, count: 8))
        #expect(sink.outcomes.allSatisfy { ($0.value?.utf8.count ?? 0) > 300_000 } && sink.pids.count == 1)
    }

    @Test func aLoneTaskIsOneshot() async {
        let sink = await run([#"{"raw":"{\n \"success\": true,\n \"result\": 1\n}"}"#])
        #expect(sink.outcome(0)?.value == "1", "over several lines, as a worker for one task may write")
        #expect(sink.outcome(0)?.record.usage != nil)
    }

    @Test func lingeringGathersTasks() async {
        let worker = BatchFixture.worker(BatchFixture.configuration(BatchSettings(size: 3, linger: .seconds(100))))
        let sink = OutcomeCollector()
        for id in 0..<3 { worker.dispatch([PoolFixture.leased(id)], to: sink) }
        #expect(await eventually { sink.count == 3 })
        #expect(sink.pids.count == 1)
        worker.dispatch([PoolFixture.leased(3)], to: sink)
        #expect(worker.takeUnstarted(ifWaitingLongerThan: .milliseconds(1)).isEmpty, "its time is not over")
        #expect(worker.takeUnstarted(ifWaitingLongerThan: .zero).map(\.task.id) == ["t3"])
        await worker.close()
        let short = await run(["{}", "{}"], BatchFixture.configuration(BatchSettings(linger: .milliseconds(50))))
        #expect(short.outcomes.allSatisfy { $0.value != nil } && short.pids.count == 1)
    }

    @Test func theSameTaskTwiceIsNotPutTogether() async {
        let worker = BatchFixture.worker()
        let sink = OutcomeCollector()
        worker.dispatch([PoolFixture.leased(1), PoolFixture.leased(1), PoolFixture.leased(2)], to: sink)
        #expect(await eventually { sink.count == 3 })
        #expect(sink.pids.count == 2)
        await worker.close()
    }

    @Test func aProcessThatStaysAfterItsLastReplyIsEnded() async {
        let sink = await run(["{}", "{}"], BatchFixture.configuration(environment: ["LINGER": "1"]))
        #expect(sink.outcomes.allSatisfy { $0.value != nil })
    }

    @Test func aFailedStartIsToldOnceAtATime() async {
        let missing = WorkerConfiguration(
            name: "m", projectPath: "/tmp", command: ["/nonexistent/x"], taskTypes: ["*"], mode: .batch, concurrency: 1)
        let sink = await run(["{}", "{}", "{}"], missing)
        #expect(sink.outcomes.allSatisfy { $0.failure?.kind == .startFailed })
    }

    /// Whatever tasks do to their processes, and whoever is cancelled meanwhile: each is answered once, with its own
    /// result or its own failure.
    @Test(arguments: 0..<3)
    func inAnyMixEachIsAnsweredOnceForItself(_ seed: UInt64) async {
        var random = SeededGenerator(seed: seed)
        let kinds = [
            "{}", "{}", "{}", "{}", #"{"fail":true}"#, #"{"die":9}"#, #"{"exit":1}"#, #"{"skip":1}"#, #"{"stray":"x"}"#,
        ]
        let params = (0..<40).map { _ in kinds.randomElement(using: &random) ?? "{}" }
        let worker = BatchFixture.worker(BatchFixture.configuration(BatchSettings(size: 7), concurrency: 3))
        let sink = OutcomeCollector()
        for start in stride(from: 0, to: 40, by: 8) {
            worker.dispatch((start..<start + 8).map { PoolFixture.leased($0, params[$0]) }, to: sink)
        }
        for id in [3, 11, 38] { worker.stop(taskID: "t\(id)", leaseToken: "l\(id)", reason: .cancelled) }
        #expect(await eventually { sink.count >= 40 })
        await worker.close()
        #expect(sink.count == 40)
        for (id, params) in params.enumerated() {
            guard let outcome = sink.outcome(id), outcome.failure?.isCancellation != true else { continue }
            switch params {
            case "{}", #"{"stray":"x"}"#: #expect(outcome.value?.contains("\"t\(id)\"") == true, "\(outcome)")
            default: #expect(outcome.failure != nil && outcome.failure?.kind != .interrupted, "\(outcome)")
            }
        }
    }
}
