import Synchronization
import WorkerHostCore
import WorkerHostSQLite

extension TaskStore {
    /// What a worker's report comes to.
    enum Reply: Sendable {
        case taken(EndBatch.Outcome)
        case noSuchTask
        case otherWorker
        case notClaimed
    }

    /// What a worker reports.
    struct Report: Sendable {
        var isSuccess: Bool
        var result: RawJSON?
        var error: String?
    }

    private enum Verdict: Sendable {
        case go(Claims.Claim)
        case isEnding
        case refused(Reply)
        case unknown
    }

    private func judge(_ task: Int64, _ worker: String, isEnding: Bool) -> Verdict {
        memory.state.withLock { state in
            guard let claim = state.claims[task] else { return .unknown }
            // By the worker's name alone: there is no other fence.
            guard claim.worker == worker else { return .refused(.otherWorker) }
            if claim.isEnding { return .isEnding }
            if isEnding { state.claims.setEnding(task, true) }
            return .go(claim)
        }
    }

    private func unclaimed(_ task: Int64) async throws -> Reply {
        try await queue.task(id: String(task)) == nil ? .noSuchTask : .notClaimed
    }

    /// Ends an attempt.
    /// - Parameter isFinal: a failure is final, whatever the rules say.
    func end(_ task: Int64, worker: String, _ report: Report, isFinal: Bool = false) async throws -> Reply {
        switch judge(task, worker, isEnding: true) {
        case .refused(let reply): return reply
        case .unknown: return try await unclaimed(task)
        case .isEnding:
            // The real server lets both through, where this one keeps the first; here only one can count.
            guard rules.face == .quirks else { return .notClaimed }
            var entry = JournalEntry(.repeated)
            entry.task = task
            entry.worker = worker
            try await journal.append([entry])
            return .taken(.completed)
        case .go(let claim):
            let isOver = isFinal || claim.attempt >= rules.maxAttempts
            let outcome: EndBatch.Outcome = report.isSuccess ? .completed : isOver ? .failed : .retried
            do {
                return .taken(
                    try await ending(
                        EndBatch.Request(
                            task: task, claim: claim, outcome: outcome, result: report.result, error: report.error)))
            } catch {
                memory.state.withLock { $0.claims.setEnding(task, false) }
                throw error
            }
        }
    }

    /// Notes how far a task is.
    /// - Returns: nil if it was noted.
    func progress(_ task: Int64, worker: String, percent: Int) async throws -> Reply? {
        switch judge(task, worker, isEnding: false) {
        case .refused(let reply): return reply
        case .unknown: return try await unclaimed(task)
        case .isEnding: return .notClaimed
        case .go(let claim):
            var entry = JournalEntry(.progress)
            entry.task = task
            entry.worker = worker
            entry.attempt = claim.attempt
            entry.percent = percent
            try await journal.append([entry])
            memory.state.withLock { $0.apply(entry) }
            return nil
        }
    }
}
