import Foundation
import Logging
import Testing
import WorkerHostTesting

@testable import WorkerHostCore

/// The wording of failures that come from no process, and the advice about all.
@Suite struct FailureTextTests {
    static let kinds: [TaskFailure.Kind] = [
        .retriable, .permanent, .timeout, .crashed(signal: 9), .resourceLimit(.replySize), .resourceLimit(.memory),
        .resourceLimit(.processorTime), .startFailed, .protocolViolation, .invalidParameters, .noWorker, .leaseLost,
        .interrupted,
    ]

    @Test func everyKindHasItsAdvice() throws {
        var lines = Self.kinds.map {
            "\($0): \(FailureAdvice.nextStep(after: $0, type: $0.name, worker: "w"))"
        }
        for (kind, type) in [("permanent", "AttemptsExhausted"), ("permanent", "Cancelled"), ("timeout", "Expired")] {
            lines.append("\(type): \(FailureAdvice.nextStep(afterKindNamed: kind, type: type, worker: "w"))")
        }
        lines.append("no name: \(FailureAdvice.nextStep(after: .timeout, type: "TimedOut", worker: nil))")
        lines.append("a new kind: \(FailureAdvice.nextStep(afterKindNamed: "novel", type: "X", worker: nil))")
        try Golden.check("advice.txt", lines)
    }

    @Test func aKindIsKnownByItsName() {
        for kind in Self.kinds { #expect(TaskFailure.Kind(name: kind.name)?.name == kind.name) }
        #expect(TaskFailure.Kind(name: "novel") == nil)
    }

    @Test func whatIsWrongWithATaskBeforeItRuns() throws {
        let proxy = try proxy()
        func text(
            type: String = "Good", params: String = #"{"n":1}"#, attempt: Int = 1, deadline: Timestamp? = nil
        ) -> String {
            let task = WorkerTask(
                id: "7", type: type, params: RawJSON(unchecked: Array(params.utf8)),
                metadata: Self.metadata(attempt: attempt, deadline: deadline))
            return TaskCheck.failure(of: LeasedTask(task: task, lease: Lease(token: "l")), proxy)?.description ?? "none"
        }
        #expect(text() == "none")
        #expect(
            text(type: "Other")
                == "NoWorker: no worker is configured for the type 'Other': add it to task_types of one")
        #expect(
            text(params: "[1]")
                == #"InvalidParameters: params must be a JSON object like {"key":"value"}, but are: [1]"#)
        #expect(
            text(params: #"{"n":"x"}"#)
                == "InvalidParameters: params break the schema of worker 'w': /n: is of type string, but must be "
                + "integer"
        )
        #expect(
            text(attempt: 3)
                == "AttemptsExhausted: all 2 attempts of worker 'w' are spent, and none was reported: each time the "
                + "host or the worker died. Look at the timeline before you submit it again")
        #expect(
            text(deadline: Timestamp(microseconds: 1_000_000))
                == "Expired: the task's deadline (1970-01-01T00:00:01.000Z) had passed before worker 'w' was free: "
                + "give it a later one, or run more at once")
    }

    private static func metadata(attempt: Int, deadline: Timestamp?) -> TaskMetadata {
        var metadata = TaskMetadata(createdAt: .now, attempt: attempt)
        metadata.deadline = deadline
        return metadata
    }

    private func proxy() throws -> WorkerProxy {
        var configuration = FaultChild.configuration(
            ["ok"], name: "w", retry: RetryPolicy(maxAttempts: 2), types: ["Good"])
        let schema = try RawJSON(validating: #"{"properties":{"n":{"type":"integer"}}}"#)
        configuration.schema = schema
        return WorkerProxy(
            worker: SubprocessWorker(configuration, environment: [:]), configuration: configuration,
            schema: try ParameterSchema(schema), logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() },
            emit: { _ in }, healthChanged: {})
    }

    @Test func aClosedWorkerAndAnEndedLease() async {
        let closed = SubprocessWorker(FaultChild.configuration(["ok"], name: "w"), environment: [:])
        await closed.close()
        #expect(
            await FaultChild.run(closed, FaultChild.task()).failure?.description
                == "Interrupted: worker 'w' was closed before the task could be started; the next host runs it")
        let late = SubprocessWorker(
            FaultChild.configuration(["ok"], name: "w"), environment: [:],
            services: LaneServices(
                emit: { _ in }, flightRecorder: nil, hostMark: "", passesOutput: false, mayStart: { _ in false }))
        #expect(
            await FaultChild.run(late, FaultChild.task()).failure?.description
                == "LeaseLost: the lease ended before worker 'w' could start the task; another host may run it")
        await late.close()
    }

    @Test func aHostThatCannotStart() async throws {
        func failure(_ host: WorkerHost) async -> String {
            do {
                _ = try await host.run(untilIdle: true)
                return "none"
            } catch {
                return "\(error)"
            }
        }
        func host(_ directory: String) throws -> WorkerHost {
            try WorkerHost(
                configuration: HostConfiguration(
                    taskManager: TaskManagerConfiguration(kind: .sqlite), stateDirectory: directory),
                taskManager: MemoryTaskManager(), observers: [], environment: [:],
                logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
        }
        #expect(
            await failure(try host("/proc/no"))
                == "the state directory /proc/no cannot be used: cannot create /proc/no: No such file or directory. "
                + "Make it writable for this user, or set state_dir.")
        let directory = NSTemporaryDirectory() + "workerhost-\(UUID().uuidString)"
        let second = try host(directory)
        #expect(await failure(second) == "none")
        #expect(
            await failure(second) == "this host has been run already: make a new WorkerHost for another run")
        try FileManager.default.removeItem(atPath: directory)
    }

    @Test func theTasksOwnDeadlineIsToldFromTheTimeout() async {
        let soon = Timestamp.now.advanced(by: .milliseconds(300))
        let task = WorkerTask(
            id: "1", type: "Test.Task", params: .emptyObject, metadata: Self.metadata(attempt: 1, deadline: soon))
        let outcome = await FaultChild.run("hangs", task: task)
        #expect(outcome.failure?.message.contains("s that were left until the task's deadline and was ended") == true)
    }
}
