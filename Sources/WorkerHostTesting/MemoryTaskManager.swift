public import WorkerHostCore

/// A TaskManager in memory: leases that end, retries with delay, counts. For tests and benches; nothing is durable.
///
/// Only one host uses it at a time, so nothing is kept per host.
public actor MemoryTaskManager: TaskManagerAdapter {
    /// A task as the manager holds it.
    public struct Entry: Sendable {
        /// The states of a task.
        public enum Status: String, Sendable, Hashable {
            /// Claimable now or later.
            case pending
            /// Leased.
            case running
            /// Succeeded.
            case completed
            /// Finally failed.
            case failed
        }

        /// The task as it was added.
        public let task: WorkerTask
        /// The state.
        public internal(set) var status = Status.pending
        /// Attempts spent so far, the running one included.
        public internal(set) var attempts = 0
        /// The result of a task that succeeded.
        public internal(set) var result: TaskResult?
        /// Why the last attempt failed.
        public internal(set) var failure: TaskFailure?
        /// How far its last attempt came, as far as that was reported.
        public internal(set) var progress: TaskProgress?
        var claims = 0
        var notBefore: ContinuousClock.Instant?
        var leaseEnd: ContinuousClock.Instant?
        var settledClaim = 0
        /// Made for the lease that it had then; while it is there the task never becomes claimable again.
        var cancelRequest: CancelRequest?
    }

    /// How long a lease lasts unless it is extended.
    public nonisolated let leaseDuration: Duration?
    /// What it does by itself; what it does not, a host does.
    public nonisolated let abilities: TaskManagerAbilities
    private let leaseLength: Duration
    private let maxAttempts: Int
    private let longestWait: Duration
    private let clock = ContinuousClock()
    private var entries: [String: Entry] = [:]
    /// Ids of claimable tasks, the next one first.
    private var ready = ReadyList()
    /// Ids that become claimable later.
    private var delayed: Set<String> = []
    private var running: Set<String> = []
    private var counts = TaskCounts()
    private var nextID = 1
    private var waiters: [Int: CheckedContinuation<Void, Never>] = [:]
    private var nextWaiter = 0
    /// Not told to the host yet.
    private var cancelRequests: [CancelRequest] = []

    /// An empty manager.
    /// - Parameters:
    ///   - leaseDuration: how long a lease lasts.
    ///   - longestWait: how long `receiveTasks` waits for a task.
    ///   - abilities: without `delaysRetries` a task that is to be tried again is claimable at once, without
    ///     `endsFailedTasks` a failed one as well.
    ///   - extendsLeases: whether leases can be extended; else each ends after its duration.
    ///   - maxAttempts: with so many attempts a failed task stays failed, whatever the abilities are.
    public init(
        leaseDuration: Duration = .seconds(30), longestWait: Duration = .seconds(5),
        abilities: TaskManagerAbilities = .all, extendsLeases: Bool = true, maxAttempts: Int = .max
    ) {
        self.leaseDuration = extendsLeases ? leaseDuration : nil
        self.abilities = abilities
        self.maxAttempts = maxAttempts
        leaseLength = leaseDuration
        self.longestWait = longestWait
    }

    /// Adds a task and returns its id.
    @discardableResult
    public func enqueue(
        type: String, params: RawJSON = .emptyObject, priority: Int = 0, delay: Duration = .zero
    ) -> String {
        let id = String(nextID)
        nextID += 1
        let metadata = TaskMetadata(priority: priority, createdAt: .now)
        entries[id] = Entry(task: WorkerTask(id: id, type: type, params: params, metadata: metadata))
        counts.pending += 1
        putBack(id, after: delay)
        return id
    }

    /// The task of that id.
    public func entry(_ id: String) -> Entry? { entries[id] }

    /// Takes the best tasks; waits for one as long as the manager was made to.
    public func receiveTasks(limit: Int, types: [String]) async throws -> [LeasedTask] {
        let selection = TaskTypeSelection(types)
        let end = clock.now + longestWait
        while !Task.isCancelled {
            returnDue()
            let taken = ready.take(max(1, limit), where: selection.matches)
            if !taken.isEmpty { return taken.compactMap { lease($0) } }
            guard clock.now < end else { return [] }
            await waitForChange(until: min(end, nextMoment ?? end))
        }
        return []
    }

    /// Stores outcomes.
    public func complete(_ reports: [TaskReport]) async throws -> [Acknowledgement] {
        returnDue()
        return reports.map { settle($0) }
    }

    /// Cancels a task: one that waits fails at once, one that is leased is told to its host. false if it is finished
    /// or unknown.
    @discardableResult
    public func cancel(_ id: String, reason: String? = nil) -> Bool {
        returnDue()
        guard let entry = entries[id], entry.status == .pending || entry.status == .running else { return false }
        if entry.status == .pending {
            ready.remove(id, type: entry.task.type, priority: entry.task.metadata.priority)
            delayed.remove(id)
            entries[id]?.status = .failed
            entries[id]?.failure = .cancelled("the task was cancelled while it waited", reason: reason)
            counts.pending -= 1
            counts.failed += 1
        } else if entry.cancelRequest == nil {
            let request = CancelRequest(taskID: id, leaseToken: String(entry.claims), reason: reason)
            entries[id]?.cancelRequest = request
            cancelRequests.append(request)
        }
        wakeAll()
        return true
    }

    /// The requests that were made since the last call; waits for one.
    public func nextCancellations() async throws -> [CancelRequest]? {
        while !Task.isCancelled {
            if !cancelRequests.isEmpty {
                defer { cancelRequests = [] }
                return cancelRequests
            }
            await waitForChange(until: clock.now + .seconds(3600))
        }
        return []
    }

    /// Makes all leases end now, as if their hosts had been silent for their whole duration.
    public func endLeases() {
        for id in running { entries[id]?.leaseEnd = clock.now }
        wakeAll()
    }

    /// Always healthy.
    public func healthCheck() async -> HealthStatus { .healthy }

    /// Makes leases last their whole duration from now.
    public func extendLeases(_ leases: [(taskID: String, lease: Lease)]) async throws -> [String] {
        returnDue()
        return leases.filter { !extend($0.taskID, $0.lease) }.map(\.taskID)
    }

    /// Keeps how far a task is, if it runs under the lease.
    public func reportProgress(_ progress: [TaskProgress]) async throws {
        for entry in progress where running.contains(entry.taskID) {
            guard let claims = entries[entry.taskID]?.claims, entry.lease.token == String(claims) else { continue }
            entries[entry.taskID]?.progress = entry
        }
    }

    /// How many tasks of these types wait.
    public func pendingCount(types: [String]) async throws -> Int? {
        let selection = TaskTypeSelection(types)
        return entries.values.count { $0.status == .pending && selection.matches($0.task.type) }
    }

    /// How many tasks wait, run and are finished.
    public func taskCounts() async throws -> TaskCounts? { counts }
}

// MARK: - Leases

extension MemoryTaskManager {
    private func lease(_ id: String) -> LeasedTask? {
        guard var entry = entries[id] else { return nil }
        entry.status = .running
        entry.attempts += 1
        entry.claims += 1
        entry.leaseEnd = clock.now + leaseLength
        entries[id] = entry
        running.insert(id)
        counts.pending -= 1
        counts.running += 1
        var metadata = entry.task.metadata
        metadata.attempt = entry.attempts
        return LeasedTask(
            task: WorkerTask(id: id, type: entry.task.type, params: entry.task.params, metadata: metadata),
            lease: Lease(
                token: String(entry.claims), expiresAt: Timestamp.now.advanced(by: leaseLength)))
    }

    private func extend(_ id: String, _ lease: Lease) -> Bool {
        guard let entry = entries[id], entry.status == .running, lease.token == String(entry.claims) else {
            return false
        }
        entries[id]?.leaseEnd = clock.now + leaseLength
        return true
    }

    private func settle(_ report: TaskReport) -> Acknowledgement {
        guard var entry = entries[report.taskID] else {
            return .rejected(reason: "there is no task '\(report.taskID)'")
        }
        guard report.lease.token == String(entry.claims) else { return .leaseLost }
        guard entry.status == .running else { return entry.settledClaim == entry.claims ? .accepted : .leaseLost }
        let outcome = entry.cancelRequest?.applied(to: report).outcome ?? report.outcome
        entry.cancelRequest = nil
        entry.settledClaim = entry.claims
        entry.leaseEnd = nil
        running.remove(report.taskID)
        counts.running -= 1
        var delay: Duration?
        switch outcome {
        case .succeeded(let result):
            entry.status = .completed
            entry.result = result
            entry.failure = nil
            counts.completed += 1
        case .failed(let failure):
            entry.status = .failed
            entry.failure = failure
            if abilities.contains(.endsFailedTasks) || entry.attempts >= maxAttempts || failure.isCancellation {
                counts.failed += 1
            } else {
                delay = .zero
            }
        case .retry(let failure, let after):
            entry.failure = failure
            if entry.attempts >= maxAttempts {
                entry.status = .failed
                counts.failed += 1
            } else {
                delay = abilities.contains(.delaysRetries) ? after : .zero
            }
        case .released(_, let after):
            entry.attempts -= 1
            delay = after
        }
        if delay != nil { entry.status = .pending }
        entries[report.taskID] = entry
        if let delay {
            counts.pending += 1
            putBack(report.taskID, after: delay)
        }
        return .accepted
    }

    private func putBack(_ id: String, after delay: Duration) {
        guard let entry = entries[id] else { return }
        if delay > .zero {
            entries[id]?.notBefore = clock.now + delay
            delayed.insert(id)
        } else {
            ready.insert(id, type: entry.task.type, priority: entry.task.metadata.priority)
        }
        wakeAll()
    }

    /// Makes claimable what is due: delayed tasks, and tasks whose lease has ended.
    private func returnDue() {
        let now = clock.now
        for id in delayed where entries[id]?.notBefore ?? now <= now {
            delayed.remove(id)
            putBack(id, after: .zero)
        }
        for id in running {
            guard let end = entries[id]?.leaseEnd, end <= now else { continue }
            running.remove(id)
            entries[id]?.leaseEnd = nil
            counts.running -= 1
            if let request = entries[id]?.cancelRequest {
                entries[id]?.cancelRequest = nil
                entries[id]?.status = .failed
                entries[id]?.failure = .cancelled(
                    "the task was cancelled, and its lease ended without an outcome", reason: request.reason)
                counts.failed += 1
                continue
            }
            entries[id]?.status = .pending
            counts.pending += 1
            putBack(id, after: .zero)
        }
    }
}

// MARK: - Waiting

extension MemoryTaskManager {
    private var nextMoment: ContinuousClock.Instant? {
        let moments = delayed.compactMap { entries[$0]?.notBefore } + running.compactMap { entries[$0]?.leaseEnd }
        return moments.min()
    }

    private func wakeAll() {
        let woken = waiters
        waiters.removeAll()
        woken.values.forEach { $0.resume() }
    }

    private func wake(_ id: Int) {
        waiters.removeValue(forKey: id)?.resume()
    }

    private func waitForChange(until end: ContinuousClock.Instant) async {
        let id = nextWaiter
        nextWaiter += 1
        let timer = Task { [clock] in
            // Woken early is woken too: a cancelled sleep needs nobody any more.
            if (try? await clock.sleep(until: end)) != nil { self.wake(id) }
        }
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                if Task.isCancelled { continuation.resume() } else { waiters[id] = continuation }
            }
        } onCancel: {
            Task { await self.wake(id) }
        }
        timer.cancel()
    }
}
