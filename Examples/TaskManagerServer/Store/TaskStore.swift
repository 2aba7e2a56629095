import Logging
import Synchronization
import WorkerHostCore
import WorkerHostSQLite

/// The tasks: those themselves in WorkerHostSQLite's queue, what only this API knows in a journal beside it.
///
/// The queue decides: a task has ended when it has ended there. The journal is the audit, and what memory is restored
/// from. Callers that come at the same time share transactions.
final class TaskStore: Sendable {
    /// What decides what becomes of a task.
    struct Rules: Sendable {
        var face = Face.documented
        var claimTimeout = Duration.seconds(300)
        /// How far the clock that claims are judged by is ahead of the one they are made by: with the real server the
        /// difference of two time zones.
        var clockSkew = Duration.zero
        /// Failures up to which a task becomes pending again.
        var maxAttempts = 3
    }

    /// Marks a task whose parameters the real server would have lost.
    static let nullParams = RawJSON(unchecked: Array(#"{"params":null}"#.utf8))

    let rules: Rules
    let queue: SQLiteTaskManager
    let journal: Journal
    let memory = Memory()
    let claiming: Batcher<ClaimBatch.Request, ClaimBatch.Claimed?>
    let ending: Batcher<EndBatch.Request, EndBatch.Outcome>
    let creating: Batcher<CreateBatch.Request, CreateBatch.Outcome>

    /// Opens `path` and `path.journal`, or creates them.
    init(path: String, rules: Rules, logger: Logger) async throws {
        self.rules = rules
        // No wait for tasks, for a claim is answered at once; no lease ends by itself, see Claims.
        let options = SQLiteTaskManager.Options(leaseDuration: .seconds(365 * 86_400), longestWait: .zero)
        queue = try SQLiteTaskManager(path: path, options: options, logger: logger)
        journal = try Journal(path: path + ".journal") { [memory] entry in memory.state.withLock { $0.apply(entry) } }
        claiming = Batcher { [queue, journal, memory] requests in
            try await ClaimBatch(queue: queue, journal: journal, memory: memory, rules: rules)(requests)
        }
        ending = Batcher { [queue, journal, memory] requests in
            try await EndBatch(queue: queue, journal: journal, memory: memory)(requests)
        }
        creating = Batcher { [queue] requests in try await CreateBatch(queue: queue)(requests) }
        try await reconcile()
    }

    func shutdown() async { await queue.shutdown() }

    /// Settles what a kill has left between the queue and the journal.
    private func reconcile() async throws {
        var entries: [JournalEntry] = []
        let claims = memory.state.withLock { state in state.claims.tasks.map { ($0, state.claims[$0]) } }
        for (id, claim) in claims {
            let task = try await queue.task(id: String(id))
            if task?.status == .running, task?.lease?.token == claim?.token { continue }
            var entry = JournalEntry(.recovered)
            entry.task = id
            entry.worker = claim?.worker
            entry.attempt = claim?.attempt
            entry.text = task?.status == .running ? "pending" : task?.status.rawValue
            entry.value = task?.result
            entries.append(entry)
        }
        memory.state.withLock { state in entries.forEach { state.apply($0) } }
        try await journal.append(entries)
        try await releaseUnanswered()
    }

    /// Puts back tasks that were leased for a claim which was never answered.
    private func releaseUnanswered() async throws {
        let running = try await queue.tasks(matching: TaskFilter(statuses: [.running], limit: .max))
        let reports = running.compactMap { task -> TaskReport? in
            guard let id = Int64(task.id), let lease = task.lease else { return nil }
            guard memory.state.withLock({ $0.claims[id] }) == nil else { return nil }
            let reason = "the server was killed before it had answered the claim"
            return TaskReport(
                taskID: task.id, lease: lease, outcome: .released(reason: reason, after: .zero),
                attempt: AttemptRecord(worker: "", number: task.attempts))
        }
        _ = try await queue.complete(reports)
    }
}
