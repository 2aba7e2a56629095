/// Runs a ``Worker`` written in Swift inside the host, as many tasks at once as its configuration allows.
///
/// Swift code cannot be ended by force: at the deadline, on a lost lease and at shutdown its task is cancelled, and the
/// slot stays taken until it returns.
final class InProcessWorker: DispatchingWorker {
    private struct Pending: Sendable {
        let leased: LeasedTask
        let sink: any AttemptSink
        let queuedAt: MonotonicTime
    }

    private struct State {
        var queue: [Pending] = []
        var running: [String: Running] = [:]
    }

    private struct Running {
        let leaseToken: String
        let task: Task<Void, Never>?
        var stop: StopReason?
    }

    private let worker: any Worker
    private let configuration: WorkerConfiguration
    private let emit: @Sendable ([TaskEvent]) -> Void
    private let state = Guarded(State())
    private let becameIdle = Signal()

    init(
        _ worker: any Worker, configuration: WorkerConfiguration, emit: @escaping @Sendable ([TaskEvent]) -> Void
    ) {
        self.worker = worker
        self.configuration = configuration
        self.emit = emit
    }

    var name: String { worker.name }
    var concurrency: Int { configuration.concurrency }

    func canHandle(_ taskType: String) -> Bool { worker.canHandle(taskType) }

    func process(_ task: WorkerTask) async throws(TaskFailure) -> TaskResult { try await worker.process(task) }

    func healthCheck() async -> HealthStatus { await worker.healthCheck() }

    func dispatch(_ attempts: [LeasedTask], to sink: any AttemptSink) {
        let now = MonotonicTime.now
        state.withLock { state in state.queue += attempts.map { Pending(leased: $0, sink: sink, queuedAt: now) } }
        startNext()
    }

    func takeUnstarted(ifWaitingLongerThan wait: Duration) -> [LeasedTask] {
        state.withLock { state in
            guard let first = state.queue.first, first.queuedAt.duration(to: .now) >= wait else { return [] }
            defer { state.queue.removeAll() }
            return state.queue.map(\.leased)
        }
    }

    func stop(taskID: String, leaseToken: String, reason: StopReason) {
        let unstarted = state.withLock { state -> Pending? in
            if state.running[taskID]?.leaseToken == leaseToken { Self.cancel(&state, taskID, reason) }
            let index = state.queue.firstIndex {
                $0.leased.task.id == taskID && $0.leased.lease.token == leaseToken
            }
            guard reason == .cancelled, let index else { return nil }
            return state.queue.remove(at: index)
        }
        guard let unstarted else { return }
        unstarted.sink.attemptEnded(.cancelledUnstarted(unstarted.leased, worker: name))
    }

    func stopAll(reason: StopReason, hurry: Bool) {
        state.withLock { state in
            for id in state.running.keys { Self.cancel(&state, id, reason) }
        }
    }

    func close() async {
        while state.withLock({ !$0.running.isEmpty }) { await becameIdle.wait() }
    }

    private static func cancel(_ state: inout State, _ taskID: String, _ reason: StopReason) {
        if state.running[taskID]?.stop == nil { state.running[taskID]?.stop = reason }
        state.running[taskID]?.task?.cancel()
    }

    private func startNext() {
        state.withLock { state in
            while state.running.count < configuration.concurrency, !state.queue.isEmpty {
                let next = state.queue.removeFirst()
                // Owned by `running` until it ends; `close()` waits for it.
                let task = Task { await self.run(next) }
                state.running[next.leased.task.id] = Running(leaseToken: next.leased.lease.token, task: task)
            }
        }
    }

    private func run(_ pending: Pending) async {
        let task = pending.leased.task
        let identity = WorkerIdentity(name: name, slot: 0, pid: nil)
        emit([.started(task, worker: identity, attempt: task.metadata.attempt)])
        let startedAt = Timestamp.now
        let limit = OneshotAttempt.limit(of: configuration, for: task, from: startedAt)
        let result = await withDeadline(task.id, limit) { () async -> Result<TaskResult, TaskFailure> in
            do throws(TaskFailure) {
                return .success(try await self.worker.process(task))
            } catch {
                return .failure(error)
            }
        }
        let running = state.withLock { $0.running.removeValue(forKey: task.id) }
        let record = AttemptRecord(worker: name, number: task.metadata.attempt, startedAt: startedAt)
        pending.sink.attemptEnded(
            AttemptOutcome(
                leased: pending.leased, result: judged(result, stop: running?.stop, limit), record: record))
        becameIdle.fire()
        startNext()
    }

    private func withDeadline(
        _ taskID: String, _ limit: TimeLimit, _ body: @escaping @Sendable () async -> Result<TaskResult, TaskFailure>
    ) async -> Result<TaskResult, TaskFailure> {
        let timer = Task {
            // Ends early by cancellation when the work is done.
            do { try await Task.sleep(for: limit.duration) } catch { return }
            state.withLock { Self.cancel(&$0, taskID, .deadline) }
        }
        defer { timer.cancel() }
        return await body()
    }

    /// Work that was finished in spite of a stop at shutdown or a cancel counts; for any other stop the stop decides.
    private func judged(
        _ result: Result<TaskResult, TaskFailure>, stop: StopReason?, _ limit: TimeLimit
    ) -> Result<TaskResult, TaskFailure> {
        guard let stop else { return result }
        if stop == .shutdown || stop == .cancelled, case .success = result { return result }
        return OutcomeTable(worker: name, limit: limit)
            .outcome(said: .nothing, ended: .stopped(stop, .exited(1)))
    }
}
