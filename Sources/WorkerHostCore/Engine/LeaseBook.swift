/// The tasks that this host holds, and how long each lease is good for. No clock inside.
struct LeaseBook: Sendable {
    /// A task that is held.
    struct Entry: Sendable {
        fileprivate(set) var leased: LeasedTask
        /// The proxy that has it (``WorkerProxy/id``): after a reload two may have the same name.
        let proxy: Int
        /// The lease is not extended beyond this: by then the attempt has ended, or has been given up.
        fileprivate(set) var extendUntil: MonotonicTime
        /// From this moment on somebody else may have the task, unless the lease is extended before; nil for a lease
        /// that does not end.
        var validUntil: MonotonicTime?
        /// After this moment no attempt is begun under a lease that cannot be extended; nil for any other lease.
        let startUntil: MonotonicTime?
        /// Somebody wants the task ended.
        fileprivate(set) var cancelRequest: CancelRequest?
        /// Its outcome is on its way to the TaskManager: too late to cancel it here.
        fileprivate var isReported = false

        init(
            leased: LeasedTask, proxy: Int, extendUntil: MonotonicTime, validUntil: MonotonicTime?,
            startUntil: MonotonicTime? = nil
        ) {
            self.leased = leased
            self.proxy = proxy
            self.extendUntil = extendUntil
            self.validUntil = validUntil
            self.startUntil = startUntil
        }
    }

    /// More requests than that cannot be under way together with the leases that they name.
    private static let mostEarly = 4096

    private var entries: [String: Entry] = [:]
    /// Requests that came before their lease, or after its end; a lease's token is never used again.
    private var early: [String: CancelRequest] = [:]

    /// How many tasks are held.
    var count: Int { entries.count }

    /// Whether this host holds the task already.
    func holds(_ taskID: String) -> Bool { entries[taskID] != nil }

    mutating func add(_ entry: Entry) {
        var entry = entry
        if let request = early[entry.leased.task.id], request.names(entry.leased) {
            early[request.taskID] = nil
            entry.cancelRequest = request
        }
        entries[entry.leased.task.id] = entry
    }

    /// Forgets a task; nil if it is not held under this lease (any more).
    @discardableResult
    mutating func remove(_ leased: LeasedTask) -> Entry? {
        guard let entry = entry(leased) else { return nil }
        entries[leased.task.id] = nil
        return entry
    }

    func entry(_ taskID: String) -> Entry? { entries[taskID] }

    /// The entry of this task under this very lease.
    func entry(_ leased: LeasedTask) -> Entry? {
        guard let entry = entries[leased.task.id], entry.leased.lease.token == leased.lease.token else { return nil }
        return entry
    }

    /// The leases to extend now.
    func due(_ now: MonotonicTime) -> [Entry] {
        entries.values.filter { $0.extendUntil > now }
    }

    /// The leases were extended.
    mutating func extended(_ extended: [Entry], until moment: MonotonicTime) {
        for entry in extended where self.entry(entry.leased) != nil {
            entries[entry.leased.task.id]?.validUntil = moment
        }
    }

    /// The tasks that somebody else may have by now.
    func expired(_ now: MonotonicTime) -> [Entry] {
        entries.values.filter { entry in entry.validUntil.map { $0 <= now } ?? false }
    }

    /// Whether the lease is good for a start.
    func isValid(_ leased: LeasedTask, _ now: MonotonicTime) -> Bool {
        guard let entry = entry(leased), entry.cancelRequest == nil else { return false }
        if let startUntil = entry.startUntil, startUntil <= now { return false }
        return entry.validUntil.map { $0 > now } ?? true
    }

    /// Whether leases are held that end at a certain time.
    var hasFixedLeases: Bool { entries.values.contains { $0.startUntil != nil } }

    /// Whether another attempt may follow under the lease; not once its outcome is being reported.
    func mayRetry(_ leased: LeasedTask) -> Bool {
        guard let entry = entry(leased) else { return false }
        return entry.cancelRequest == nil && !entry.isReported
    }

    /// The next attempt is held in place of the one that has ended; false if none may follow.
    mutating func keep(_ leased: LeasedTask, for next: LeasedTask, until moment: MonotonicTime) -> Bool {
        guard mayRetry(leased) else { return false }
        entries[leased.task.id]?.leased = next
        entries[leased.task.id]?.extendUntil = moment
        return true
    }
}

// MARK: - Cancelled tasks

extension LeaseBook {
    /// Notes a request; the entry to end, or nil if the lease is not held (then it is kept for when it comes), or if its
    /// outcome is being reported.
    mutating func cancel(_ request: CancelRequest) -> Entry? {
        guard let entry = entries[request.taskID], request.names(entry.leased) else {
            if early.count == Self.mostEarly { early.remove(at: early.startIndex) }
            early[request.taskID] = request
            return nil
        }
        guard !entry.isReported else { return nil }
        if entry.cancelRequest == nil { entries[request.taskID]?.cancelRequest = request }
        return entry
    }

    /// The outcome of this attempt is about to be reported; returns the request that it was cancelled by.
    mutating func report(_ leased: LeasedTask) -> CancelRequest? {
        guard let entry = entry(leased) else { return nil }
        entries[leased.task.id]?.isReported = true
        return entry.cancelRequest
    }
}

extension CancelRequest {
    /// Whether it is for this very lease.
    fileprivate func names(_ leased: LeasedTask) -> Bool {
        taskID == leased.task.id && leaseToken == leased.lease.token
    }
}
