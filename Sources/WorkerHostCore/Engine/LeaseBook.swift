/// The tasks that this host holds and until when each lease is to be extended. No clock inside.
struct LeaseBook: Sendable {
    /// A task that is held.
    struct Entry: Sendable {
        let leased: LeasedTask
        let worker: String
        /// The lease is not extended beyond this: by then the attempt has ended, or has been given up.
        let extendUntil: MonotonicTime
    }

    private var entries: [String: Entry] = [:]

    /// How many tasks are held.
    var count: Int { entries.count }

    /// Whether this host holds the task already.
    func holds(_ taskID: String) -> Bool { entries[taskID] != nil }

    mutating func add(_ leased: LeasedTask, worker: String, extendUntil: MonotonicTime) {
        entries[leased.task.id] = Entry(leased: leased, worker: worker, extendUntil: extendUntil)
    }

    /// Forgets a task; nil if it is not held under this lease (any more).
    @discardableResult
    mutating func remove(_ leased: LeasedTask) -> Entry? {
        guard let entry = entries[leased.task.id], entry.leased.lease.token == leased.lease.token else { return nil }
        entries[leased.task.id] = nil
        return entry
    }

    func entry(_ taskID: String) -> Entry? { entries[taskID] }

    /// The leases to extend now.
    func due(_ now: MonotonicTime) -> [Entry] {
        entries.values.filter { $0.extendUntil > now }
    }
}
