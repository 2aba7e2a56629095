import Foundation
import Logging
import Testing
import WorkerHostTesting

@testable import WorkerHostCore

@Suite struct HostTests {
    /// A shell worker that fails until a given attempt.
    private static func succeedsAt(attempt: Int) -> [String] {
        let script = """
            input=$(cat)
            case "$input" in
              *'"attempt":\(attempt),'*) echo '{"success":true,"result":"at last"}';;
              *) echo not yet >&2; exit 1;;
            esac
            """
        return ["sh", "-c", script]
    }

    private static func shell(_ name: String, _ command: [String], maxAttempts: Int = 3) -> WorkerConfiguration {
        WorkerConfiguration(
            name: name, projectPath: "/tmp", command: command, taskTypes: ["*"],
            retry: RetryPolicy(maxAttempts: maxAttempts, backoff: .constant(.milliseconds(5))))
    }

    @Test func tasksAreRunAndTheirEventsComeInOrder() async throws {
        let fixture = try HostFixture([FaultChild.configuration(["ok"], concurrency: 2)])
        var ids: [String] = []
        for _ in 0..<100 { ids.append(await fixture.queue.enqueue(type: "Test.Task")) }
        let summary = try await fixture.host.run(untilIdle: true)
        #expect(summary.completed == 100 && summary.failed == 0)
        #expect(fixture.host.state == .stopped && fixture.host.tasksHeld == 0)
        for id in ids {
            #expect(try await fixture.entry(id).status == .completed)
            #expect(fixture.events.lines(of: id) == ["received \(id)", "started-1-fault \(id)", "completed \(id)"])
        }
    }

    @Test func aFailingTaskIsTriedAgain() async throws {
        let fixture = try HostFixture([Self.shell("flaky", Self.succeedsAt(attempt: 3))])
        let id = await fixture.queue.enqueue(type: "T")
        let summary = try await fixture.host.run(untilIdle: true)
        #expect(summary.completed == 1 && summary.retried == 2)
        #expect(try await fixture.entry(id).attempts == 3)
        #expect(fixture.events.lines(of: id).filter { $0.hasPrefix("stderr not yet") }.count == 2)
    }

    @Test func aTaskThatKeepsFailingEndsAsADeadLetter() async throws {
        let fixture = try HostFixture([Self.shell("flaky", Self.succeedsAt(attempt: 9))])
        let id = await fixture.queue.enqueue(type: "T")
        let summary = try await fixture.host.run(untilIdle: true)
        #expect(summary.failed == 1)
        let entry = try await fixture.entry(id)
        #expect(entry.attempts == 3 && entry.failure?.exitCode == 1)
        #expect(entry.failure?.standardErrorTail == "not yet\n")
    }

    @Test func aPoisonTaskStopsAfterItsAttempts() async throws {
        let fixture = try HostFixture([Self.shell("poison", ["sh", "-c", "kill -9 $$"])])
        let id = await fixture.queue.enqueue(type: "T")
        _ = try await fixture.host.run(untilIdle: true)
        let entry = try await fixture.entry(id)
        #expect(entry.attempts == 3 && entry.failure?.kind == .crashed(signal: 9))
    }

    @Test func badTasksAreFailedWithoutAProcess() async throws {
        var worker = FaultChild.configuration(["ok"], types: ["Known.*"])
        worker.schema = try RawJSON(validating: #"{"type":"object","required":["topic"]}"#)
        let fixture = try HostFixture([worker])
        let list = await fixture.queue.enqueue(type: "Known.A", params: RawJSON(unchecked: Array("[1]".utf8)))
        let schema = await fixture.queue.enqueue(type: "Known.A")
        let summary = try await fixture.host.run(untilIdle: true)
        #expect(summary.failed == 2)
        #expect(
            try await fixture.entry(list).failure?.message
                == #"params must be a JSON object like {"key":"value"}, but are: [1]"#)
        #expect(try await fixture.entry(schema).failure?.kind == .invalidParameters)
        #expect(try await fixture.entry(schema).failure?.message.contains("topic") == true)
        #expect(!fixture.events.lines.contains { $0.hasPrefix("started") })
    }

    @Test func aBrokenSchemaIsRefusedAtTheStart() throws {
        var worker = FaultChild.configuration(["ok"])
        worker.schema = try RawJSON(validating: #"{"type":17}"#)
        #expect(throws: RegistryError.self) { try HostFixture([worker]) }
    }

    @Test func aWorkerThatCannotStartKeepsItsTasksAndLeavesOthersAlone() async throws {
        let broken = WorkerConfiguration(
            name: "broken", projectPath: "/tmp", command: ["/no/such/program"], taskTypes: ["Broken"])
        let fixture = try HostFixture([broken, FaultChild.configuration(["ok"], types: ["Good"])])
        let lost = await fixture.queue.enqueue(type: "Broken")
        for _ in 0..<20 { await fixture.queue.enqueue(type: "Good") }
        let summary = try await fixture.host.run(untilIdle: true)
        #expect(summary.completed == 20 && summary.failed == 0)
        #expect(summary.unavailableWorkers["broken"]?.contains("/no/such/program") == true)
        let entry = try await fixture.entry(lost)
        #expect(entry.status == .pending && entry.attempts == 0)
        #expect(fixture.events.lines.filter { $0 == "unavailable broken" }.count == 1)
    }

    @Test func theNextWorkerTakesOverFromOneThatCannotStart() async throws {
        let broken = WorkerConfiguration(
            name: "broken", projectPath: "/tmp", command: ["/no/such/program"], taskTypes: ["T"])
        let fixture = try HostFixture([broken, FaultChild.configuration(["ok"], name: "second", types: ["T"])])
        for _ in 0..<20 { await fixture.queue.enqueue(type: "T") }
        let summary = try await fixture.host.run(untilIdle: true)
        #expect(summary.completed == 20)
        #expect(fixture.events.lines.contains { $0.hasPrefix("started-1-second") })
    }

    @Test func aWorkerThatCanStartAgainIsUsedAgain() async throws {
        let directory = NSTemporaryDirectory() + "workerhost-late-\(UUID().uuidString)"
        var worker = FaultChild.configuration(["ok"], name: "late")
        worker.projectPath = directory
        let fixture = try HostFixture([worker])
        let id = await fixture.queue.enqueue(type: "T")
        async let run = fixture.host.run(untilIdle: false)
        #expect(await eventually { fixture.events.lines.contains("unavailable late") })
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        #expect(try await eventually { try await fixture.entry(id).status == .completed })
        #expect(await eventually { fixture.events.lines.contains("recovered late") })
        #expect(fixture.host.health == .healthy)
        fixture.host.shutdown(reason: "test")
        #expect(try await run.completed == 1)
    }

    @Test func aSwiftWorkerRunsInsideTheHost() async throws {
        let configuration = WorkerConfiguration(
            name: "inside", projectPath: "/", command: ["-"], taskTypes: ["T"], timeout: .milliseconds(200),
            retry: RetryPolicy(maxAttempts: 1), concurrency: 4)
        let fixture = try HostFixture([configuration], swiftWorkers: [InsideWorker()])
        let good = await fixture.queue.enqueue(type: "T")
        let bad = await fixture.queue.enqueue(type: "T", params: RawJSON(unchecked: Array(#"{"fail":1}"#.utf8)))
        let slow = await fixture.queue.enqueue(type: "T", params: RawJSON(unchecked: Array(#"{"wait":1}"#.utf8)))
        _ = try await fixture.host.run(untilIdle: true)
        #expect(try await fixture.entry(good).result?.value.text == "\"inside\"")
        #expect(try await fixture.entry(bad).failure?.message == "asked to")
        #expect(try await fixture.entry(slow).failure?.kind == .timeout)
    }

    @Test func aHostIsRunOnce() async throws {
        let fixture = try HostFixture([FaultChild.configuration(["ok"])])
        _ = try await fixture.host.run(untilIdle: true)
        let error = await #expect(throws: HostError.self) { try await fixture.host.run(untilIdle: true) }
        #expect(error?.code == .alreadyRun)
    }

    @Test func anUnusableStateDirectoryIsNamed() async throws {
        let host = try WorkerHost(
            configuration: HostConfiguration(
                taskManager: TaskManagerConfiguration(kind: .sqlite), stateDirectory: "/proc/nowhere"),
            taskManager: MemoryTaskManager(), environment: [:], logger: .init(label: "test"))
        let error = await #expect(throws: HostError.self) { try await host.run(untilIdle: true) }
        #expect(error?.code == .stateDirectory)
        #expect(error?.description.contains("/proc/nowhere") == true)
    }
}

private struct InsideWorker: Worker {
    let name = "inside"

    func canHandle(_ taskType: String) -> Bool { taskType == "T" }

    func process(_ task: WorkerTask) async throws(TaskFailure) -> TaskResult {
        if task.params.text.contains("fail") { throw TaskFailure(kind: .permanent, message: "asked to") }
        if task.params.text.contains("wait") {
            // Ends by cancellation.
            await Signal().wait()
        }
        return TaskResult(value: RawJSON(unchecked: Array("\"inside\"".utf8)))
    }
}
