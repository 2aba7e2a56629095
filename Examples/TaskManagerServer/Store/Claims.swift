import WorkerHostCore

/// Who holds which task, and since when. No clock, no I/O.
///
/// The queue's own leases never end here: this API takes a task from its worker only inside somebody's claim, and accepts
/// a late report until then. So a claim that is too old is handed on under the lease that the task has.
struct Claims: Sendable {
    /// One claim.
    struct Claim: Sendable {
        var worker: String
        var token: String
        var attempt: Int
        var at: Timestamp
        var type: Int
        /// Whether its outcome is being stored.
        var isEnding = false
    }

    private var claims: [Int64: Claim] = [:]
    /// For each type the claims in the order in which they were made; those that are over are dropped on the way.
    private var order: [Int: (entries: [(task: Int64, at: Timestamp)], start: Int)] = [:]

    subscript(task: Int64) -> Claim? { claims[task] }

    var tasks: some Collection<Int64> { claims.keys }

    mutating func add(_ task: Int64, _ claim: Claim) {
        claims[task] = claim
        order[claim.type, default: ([], 0)].entries.append((task, claim.at))
    }

    mutating func remove(_ task: Int64) { claims[task] = nil }

    mutating func setEnding(_ task: Int64, _ isEnding: Bool) { claims[task]?.isEnding = isEnding }

    /// Takes the oldest claim of a type that was made before `moment` away from its worker.
    mutating func takeExpired(type: Int, before moment: Timestamp) -> (task: Int64, claim: Claim)? {
        guard var queue = order[type] else { return nil }
        defer { order[type] = queue }
        while queue.start < queue.entries.count {
            let entry = queue.entries[queue.start]
            let claim = claims[entry.task]
            if let claim, claim.at == entry.at {
                guard entry.at < moment, !claim.isEnding else { return nil }
            }
            queue.start += 1
            if queue.start > 1024, queue.start * 2 > queue.entries.count {
                queue.entries.removeFirst(queue.start)
                queue.start = 0
            }
            if let claim, claim.at == entry.at { return (entry.task, claim) }
        }
        return nil
    }
}
