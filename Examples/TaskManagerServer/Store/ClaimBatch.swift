import Synchronization
import WorkerHostCore
import WorkerHostSQLite

/// Gives tasks to workers, many claims at once.
struct ClaimBatch: Sendable {
    struct Request: Sendable {
        let type: TaskType
        let worker: String
    }

    struct Claimed: Sendable {
        let id: Int64
        let type: String
        let params: RawJSON
        let attempt: Int
        let priority: Int
    }

    let queue: SQLiteTaskManager
    let journal: Journal
    let memory: Memory
    let rules: TaskStore.Rules

    /// - Returns: for each request, in order, its task; nil if there is none.
    func callAsFunction(_ requests: [Request]) async throws -> [Claimed?] {
        let now = Timestamp.now
        var answers = [Claimed?](repeating: nil, count: requests.count)
        var claims: [(task: Int64, claim: Claims.Claim)] = []
        var open: [Int: [Int]] = [:]
        for (index, request) in requests.enumerated() {
            guard let (id, claim) = handOn(request, now) else {
                open[request.type.id, default: []].append(index)
                continue
            }
            guard let task = try await queue.task(id: String(id)) else { continue }
            answers[index] = Claimed(
                id: id, type: request.type.name, params: task.hasNullParams ? .null : task.params,
                attempt: claim.attempt, priority: task.priority)
            claims.append((id, claim))
        }
        for indices in open.values {
            let leases = try await queue.receiveTasks(
                limit: indices.count, types: [requests[indices[0]].type.queueType])
            for (index, lease) in zip(indices, leases) {
                let (claimed, claim) = took(lease, requests[index], now)
                answers[index] = claimed
                claims.append((claimed.id, claim))
            }
        }
        try await journal.append(claims.map(Self.entry))
        memory.state.withLock { state in
            for (task, claim) in claims where state.claims[task]?.at != claim.at { state.claims.add(task, claim) }
        }
        return answers
    }

    /// A claim whose time is over goes to the next worker under the lease that it has.
    private func handOn(_ request: Request, _ now: Timestamp) -> (Int64, Claims.Claim)? {
        let oldest = now.advanced(by: rules.clockSkew - rules.claimTimeout)
        return memory.state.withLock { state in
            guard let (task, expired) = state.claims.takeExpired(type: request.type.id, before: oldest) else {
                return nil
            }
            var claim = expired
            claim.worker = request.worker
            claim.attempt += 1
            claim.at = now
            state.claims.add(task, claim)
            state.note(task) { $0.handedOn += 1 }
            return (task, claim)
        }
    }

    private func took(_ leased: LeasedTask, _ request: Request, _ now: Timestamp) -> (Claimed, Claims.Claim) {
        let task = leased.task
        let id = Int64(task.id) ?? 0
        let before = memory.state.withLock { $0.notes[id]?.handedOn } ?? 0
        let attempt = task.metadata.attempt + before
        let claimed = Claimed(
            id: id, type: request.type.name,
            params: task.metadata.extra == TaskStore.nullParams ? .null : task.params, attempt: attempt,
            priority: task.metadata.priority)
        let claim = Claims.Claim(
            worker: request.worker, token: leased.lease.token, attempt: attempt, at: now, type: request.type.id)
        return (claimed, claim)
    }

    private static func entry(_ task: Int64, _ claim: Claims.Claim) -> JournalEntry {
        var entry = JournalEntry(.claim)
        entry.at = claim.at
        entry.task = task
        entry.type = claim.type
        entry.worker = claim.worker
        entry.attempt = claim.attempt
        entry.token = claim.token
        return entry
    }
}
