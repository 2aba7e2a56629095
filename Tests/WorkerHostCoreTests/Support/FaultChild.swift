import Foundation

@testable import WorkerHostCore

/// The misbehaving worker that is built beside the tests.
enum FaultChild {
    /// Its file; `swift test` builds it into the directory of the test bundle.
    static let path: String = {
        let tests = (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? ""
        return URL(fileURLWithPath: tests).deletingLastPathComponent().appendingPathComponent("faultchild").path
    }()

    static func configuration(
        _ behaviour: [String], name: String = "fault", timeout: Duration = .seconds(60),
        grace: Duration = .milliseconds(200), concurrency: Int = 1,
        limits: WorkerConfiguration.Limits = WorkerConfiguration.Limits(), environment: [String: String] = [:],
        retry: RetryPolicy = RetryPolicy(maxAttempts: 1), types: [String] = ["*"], directory: String = "/tmp"
    ) -> WorkerConfiguration {
        WorkerConfiguration(
            name: name, projectPath: directory, command: [path] + behaviour, taskTypes: types, timeout: timeout,
            stopGrace: grace, retry: retry, concurrency: concurrency, limits: limits, environment: environment)
    }

    static func task(_ id: String = "task-1", params: String = "{}") -> WorkerTask {
        WorkerTask(id: id, type: "Test.Task", params: RawJSON(unchecked: Array(params.utf8)))
    }

    /// Runs one attempt through a worker of its own and returns its outcome.
    static func run(
        _ behaviour: String..., task: WorkerTask = task(),
        configure: (inout WorkerConfiguration) -> Void = { _ in }
    ) async -> AttemptOutcome {
        var configuration = configuration(behaviour)
        configure(&configuration)
        let worker = SubprocessWorker(configuration, environment: ["PATH": "/usr/bin:/bin", "SECRET_KEY": "hidden"])
        let outcome = await run(worker, task)
        await worker.close()
        return outcome
    }

    static func run(_ worker: SubprocessWorker, _ task: WorkerTask) async -> AttemptOutcome {
        await withCheckedContinuation { continuation in
            worker.dispatch(
                [LeasedTask(task: task, lease: Lease(token: "lease"))], to: ContinuationSink(continuation))
        }
    }
}

extension AttemptOutcome {
    var failure: TaskFailure? {
        if case .failure(let failure) = result { failure } else { nil }
    }

    var value: String? {
        if case .success(let result) = result { result.value.text } else { nil }
    }
}

/// Waits for a condition, at most half a minute.
func eventually(_ condition: () async throws -> Bool) async rethrows -> Bool {
    for _ in 0..<3000 {
        if try await condition() { return true }
        await pause()
    }
    return false
}

private func pause() async {
    await withCheckedContinuation { continuation in
        DispatchQueue.global().asyncAfter(deadline: .now() + .milliseconds(10)) { continuation.resume() }
    }
}
