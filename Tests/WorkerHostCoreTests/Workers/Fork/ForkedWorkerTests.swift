import Foundation
import Testing

@testable import WorkerHostCore

/// Real templates and their children: what each task is promised.
@Suite struct ForkedWorkerTests {
    private func worker(_ configuration: WorkerConfiguration, _ events: EventCollector? = nil) -> ForkedWorker {
        ForkedWorker(
            configuration, environment: ForkFixture.environment, services: events?.services() ?? .none)
    }

    private func run(_ worker: ForkedWorker, _ params: [String]) async -> [AttemptOutcome] {
        let sink = OutcomeCollector()
        worker.dispatch(params.enumerated().map { PoolFixture.leased($0, $1) }, to: sink)
        #expect(await eventually { sink.count == params.count })
        return params.indices.compactMap { sink.outcome($0) }
    }

    @Test func eachTaskHasAChildOfOneTemplate() async throws {
        let events = EventCollector()
        let worker = worker(ForkFixture.configuration(concurrency: 2), events)
        let outcomes = await run(worker, (0..<20).map { _ in "{}" })
        let template = try #require(worker.templatePid)
        #expect(outcomes.allSatisfy { $0.value?.contains(#""template":\#(template)"#) == true }, "\(outcomes)")
        #expect(outcomes.allSatisfy { $0.value?.contains(#""lease":"\#($0.leased.task.id)/"#) == true })
        #expect(Set(outcomes.compactMap(\.record.pid)).count == 20)
        #expect(outcomes.allSatisfy { ($0.record.usage?.peakMemory ?? 0) > 1 << 20 })
        await worker.close()
        #expect(!ForkFixture.isAlive(template))
        #expect(events.created == 21 && events.terminated == 21, "the template and its children")
        #expect(events.lines.filter { $0 == "imported" }.count == 1)
    }

    @Test func endsAreJudgedAsInOneshot() async {
        let worker = worker(ForkFixture.configuration(timeout: .milliseconds(400)))
        let outcomes = await run(
            worker,
            [
                #"{"exit":7}"#, #"{"exit":2}"#, #"{"die":11}"#, #"{"raise":"no good"}"#, #"{"exit":0}"#,
                #"{"sleep":60}"#,
                #"{"burn":0.05}"#,
            ])
        #expect(outcomes[0].failure?.exitCode == 7 && outcomes[0].failure?.isRetriable == true)
        #expect(outcomes[1].failure?.kind == .permanent)
        #expect(outcomes[2].failure?.kind == .crashed(signal: 11))
        #expect(outcomes[3].failure?.kind == .permanent && outcomes[3].failure?.type == "ValueError")
        #expect(outcomes[4].failure?.kind == .protocolViolation)
        #expect(outcomes[5].failure?.kind == .timeout)
        #expect(outcomes[5].record.incidents.contains { $0.kind == "terminating" })
        let usage = outcomes[6].record.usage
        #expect((usage?.userTime ?? .zero) + (usage?.systemTime ?? .zero) >= .milliseconds(40))
        await worker.close()
    }

    @Test func whatStaysInTheGroupEndsWithTheTask() async throws {
        let worker = worker(ForkFixture.configuration(timeout: .milliseconds(500)))
        let files = [ForkFixture.file(), ForkFixture.file()]
        let outcomes = await run(
            worker, [#"{"grandchild":"\#(files[0])"}"#, #"{"grandchild":"\#(files[1])","sleep":60}"#])
        #expect(outcomes[0].value != nil)
        #expect(outcomes[0].record.incidents.map(\.kind) == ["grandchildren_killed"])
        #expect(outcomes[1].failure?.kind == .timeout)
        for file in files {
            let pid = try #require(Int32(String(contentsOfFile: file, encoding: .utf8)))
            #expect(await eventually { !ForkFixture.isAlive(pid) })
        }
        await worker.close()
    }

    @Test func outputAndInputOfAnySizePass() async {
        let events = EventCollector()
        let worker = worker(ForkFixture.configuration(), events)
        let text = String(repeating: "x", count: 10 << 20)
        let outcomes = await run(
            worker, [#"{"text":"\#(text)"}"#, #"{"huge":3000000}"#, #"{"say":"hello"}"#, #"{"exit":1}"#])
        #expect(outcomes[0].value == #"{"length":\#(10 << 20)}"#)
        #expect(outcomes[1].value != nil && outcomes[2].value != nil)
        #expect(events.lines.contains("hello") && events.lines.contains("by the system"))
        await worker.close()
    }

    @Test func aTaskThatReadsNothingDisturbsNobody() async {
        // The child ends before the host has written the task.
        let worker = worker(ForkFixture.misbehaving(""))
        let text = String(repeating: "x", count: 3 << 20)
        let outcomes = await run(worker, [#"{"text":"\#(text)"}"#, "{}"])
        #expect(outcomes.allSatisfy { $0.value == "1" }, "\(outcomes)")
        await worker.close()
    }

    @Test func cancelAndShutdownEndTheChildOnly() async throws {
        let worker = worker(ForkFixture.configuration(concurrency: 2))
        let sink = OutcomeCollector()
        let begun = [ForkFixture.file(), ForkFixture.file()]
        worker.dispatch(begun.enumerated().map { PoolFixture.leased($0, #"{"begun":"\#($1)","sleep":60}"#) }, to: sink)
        #expect(await eventually { begun.allSatisfy { FileManager.default.fileExists(atPath: $0) } })
        let template = worker.templatePid
        worker.stop(taskID: "t0", leaseToken: "l0", reason: .cancelled)
        #expect(await eventually { sink.count == 1 })
        #expect(sink.outcome(0)?.failure?.isCancellation == true)
        #expect(worker.templatePid == template)
        worker.stopAll(reason: .shutdown, hurry: false)
        #expect(await eventually { sink.count == 2 })
        #expect(sink.outcome(1)?.failure?.kind == .interrupted)
        await worker.close()
        #expect(!ForkFixture.isAlive(try #require(template)))
    }

    @Test func whatWaitsForATemplateCanBeTakenBackCancelledAndStopped() async {
        let worker = worker(ForkFixture.configuration(environment: ["SLOW_IMPORT": "1"]))
        let sink = OutcomeCollector()
        worker.dispatch((0..<3).map { PoolFixture.leased($0) }, to: sink)
        worker.stop(taskID: "t1", leaseToken: "l1", reason: .cancelled)
        #expect(await eventually { sink.count == 1 })
        #expect(sink.outcome(1)?.failure?.isCancellation == true)
        #expect(worker.takeUnstarted(ifWaitingLongerThan: .zero).map(\.task.id) == ["t0", "t2"])
        worker.dispatch([PoolFixture.leased(4)], to: sink)
        worker.stopAll(reason: .shutdown, hurry: false)
        #expect(await eventually { sink.count == 2 })
        #expect(sink.outcome(4)?.failure?.kind == .interrupted)
        await worker.close()
    }

    @Test func aClosedWorkerIsFreed() async {
        var worker: ForkedWorker? = worker(ForkFixture.configuration())
        if let worker {
            _ = await run(worker, ["{}"])
            await worker.close()
        }
        weak let starter = worker?.starter
        worker = nil
        #expect(await eventually { starter == nil })
    }

    @Test func manyTasksLeaveNothingBehind() async throws {
        func descriptors(_ pid: Int32) throws -> Int {
            try FileManager.default.contentsOfDirectory(atPath: "/proc/\(pid)/fd").count
        }
        let worker = worker(ForkFixture.configuration(concurrency: 2))
        _ = await run(worker, ["{}", "{}"])
        let template = try #require(worker.templatePid)
        let before = try descriptors(template)
        let outcomes = await run(worker, (0..<500).map { _ in "{}" })
        #expect(outcomes.allSatisfy { $0.value != nil })
        #expect(try descriptors(template) == before)
        #expect(ProcessTable.zombieChildren(of: template).isEmpty)
        #expect(worker.templatePid == template)
        await worker.close()
    }
}
