import Synchronization
import WorkerHostCore

/// Tasks from memory: hands out what it was given and notes when, takes outcomes and notes when.
final class Feed: TaskManagerAdapter {
    /// A task and its times, in nanoseconds of the monotonic clock.
    struct Times: Sendable {
        let isLong: Bool
        let added: Int64
        var leased: Int64 = 0
        var completed: Int64 = 0
    }

    fileprivate struct State {
        var waiting: [LeasedTask] = []
        var head = 0
        var times: [Times] = []
        var open = 0
        var failures = 0
        var receiver: CheckedContinuation<Void, Never>?
        var finished: CheckedContinuation<Void, Never>?
    }

    private let state = Mutex(State())

    /// Adds a task with these parameters.
    func add(_ params: RawJSON, isLong: Bool = false) { add([(params, isLong)]) }

    /// Adds tasks, all at the same moment.
    func add(_ tasks: [(params: RawJSON, isLong: Bool)]) {
        let now = Clock.now
        let receiver = state.withLock { state in
            for (params, isLong) in tasks {
                let id = String(state.times.count)
                state.times.append(Times(isLong: isLong, added: now))
                let metadata = TaskMetadata(createdAt: Timestamp(microseconds: 1_767_268_800_000_000))
                state.waiting.append(
                    LeasedTask(
                        task: WorkerTask(id: id, type: "T", params: params, metadata: metadata), lease: Lease(token: id)
                    ))
            }
            state.open += tasks.count
            return state.receiver.take()
        }
        receiver?.resume()
    }

    /// Waits until every task that was added has its outcome.
    func waitUntilFinished() async {
        await withCheckedContinuation { continuation in
            let isFinished = state.withLock { state in
                if state.open == 0 { return true }
                state.finished = continuation
                return false
            }
            if isFinished { continuation.resume() }
        }
    }

    /// The times of all tasks so far.
    var times: [Times] { state.withLock { $0.times } }

    /// How many tasks did not succeed.
    var failures: Int { state.withLock { $0.failures } }

    func receiveTasks(limit: Int, types: [String]) async throws -> [LeasedTask] {
        while !Task.isCancelled {
            let taken = state.withLock { state in
                let end = min(state.head + limit, state.waiting.count)
                let taken = Array(state.waiting[state.head..<end])
                state.head = end
                let now = Clock.now
                for entry in taken { state.note(entry.task.id) { $0.leased = now } }
                return taken
            }
            if !taken.isEmpty { return taken }
            await waitForTasks()
        }
        return []
    }

    private func waitForTasks() async {
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let isThere = state.withLock { state in
                    if state.head < state.waiting.count || Task.isCancelled { return true }
                    state.receiver = continuation
                    return false
                }
                if isThere { continuation.resume() }
            }
        } onCancel: {
            state.withLock { $0.receiver.take() }?.resume()
        }
    }

    func complete(_ reports: [TaskReport]) async throws -> [Acknowledgement] {
        let now = Clock.now
        let finished = state.withLock { state in
            for report in reports {
                state.note(report.taskID) { $0.completed = now }
                if case .succeeded = report.outcome {} else { state.failures += 1 }
            }
            state.open -= reports.count
            return state.open == 0 ? state.finished.take() : nil
        }
        finished?.resume()
        return reports.map { _ in .accepted }
    }

    func healthCheck() async -> HealthStatus { .healthy }

    func taskCounts() async throws -> TaskCounts? { nil }
}

extension Feed.State {
    fileprivate mutating func note(_ id: String, _ change: (inout Feed.Times) -> Void) {
        guard let index = Int(id), times.indices.contains(index) else { return }
        change(&times[index])
    }
}
