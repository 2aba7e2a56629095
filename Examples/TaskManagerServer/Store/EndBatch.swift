import Synchronization
import WorkerHostCore
import WorkerHostSQLite

/// Stores outcomes, many at once.
struct EndBatch: Sendable {
    enum Outcome: Sendable { case completed, retried, failed }

    struct Request: Sendable {
        let task: Int64
        let claim: Claims.Claim
        let outcome: Outcome
        let result: RawJSON?
        let error: String?

        fileprivate var report: TaskReport {
            let lease = Lease(token: claim.token)
            let attempt = AttemptRecord(worker: claim.worker, number: claim.attempt)
            let failure = TaskFailure(kind: .retriable, type: "Reported", message: error ?? "")
            let outcome: TaskReport.Outcome =
                switch outcome {
                case .completed: .succeeded(TaskResult(value: result ?? .null))
                case .retried: .retry(failure, after: .zero)
                case .failed: .failed(failure)
                }
            return TaskReport(taskID: String(task), lease: lease, outcome: outcome, attempt: attempt)
        }

        fileprivate var entry: JournalEntry {
            var entry = JournalEntry(outcome == .completed ? .completed : outcome == .failed ? .failed : .retried)
            entry.task = task
            entry.worker = claim.worker
            entry.attempt = claim.attempt
            entry.value = result
            entry.text = error
            return entry
        }
    }

    let queue: SQLiteTaskManager
    let journal: Journal
    let memory: Memory

    func callAsFunction(_ requests: [Request]) async throws -> [Outcome] {
        let acknowledgements = try await queue.complete(requests.map(\.report))
        let entries = zip(requests, acknowledgements).compactMap { $1 == .accepted ? $0.entry : nil }
        try await journal.append(entries)
        memory.state.withLock { state in entries.forEach { state.apply($0) } }
        guard entries.count == requests.count else {
            throw ServerError("The queue refused an outcome: \(acknowledgements).")
        }
        return requests.map(\.outcome)
    }
}
