/// What this host holds right now, shared by its loops.
final class Holdings: Sendable {
    private let book = Guarded(LeaseBook())
    /// What marks the processes that serve many tasks and live.
    private let marks = Guarded<Set<String>>([])
    /// The same for processes that fork others under their mark.
    private let families = Guarded<[String: @Sendable (Int32) -> Bool]>([:])
    /// Fires when the first task is taken into an empty book.
    let becameBusy = Signal()
    /// Fires when the last task is settled.
    let becameEmpty = Signal()

    var count: Int { book.withLock { $0.count } }

    func holds(_ taskID: String) -> Bool { book.withLock { $0.holds(taskID) } }

    /// A process that serves many tasks was started, or has ended.
    func setMark(_ mark: String, isAlive: Bool) {
        marks.withLock { marks in
            if isAlive { marks.insert(mark) } else { marks.remove(mark) }
        }
    }

    /// A process that forks others was started, or all of them have ended.
    func setFamily(_ mark: String, _ judge: (@Sendable (Int32) -> Bool)?) { families.withLock { $0[mark] = judge } }

    /// Whether this process with this mark may be there; nil if the mark is none of a process that forks.
    func isCurrent(_ mark: String, of pid: Int32) -> Bool? {
        // Outside of the lock: it reads from the kernel.
        families.withLock { $0[mark] }.map { $0(pid) }
    }

    /// Whether something with this mark may be there: an attempt that is held, or a process that serves many.
    func isCurrent(_ mark: String) -> Bool { marks.withLock { $0.contains(mark) } || holdsLease(mark) }

    /// Whether the attempt with this mark (see ``HostMark``) is held.
    func holdsLease(_ mark: String) -> Bool {
        // Both parts may hold the slash that stands between them.
        book.withLock { book in
            mark.indices.contains { index in
                guard mark[index] == "/", let entry = book.entry(String(mark[..<index])) else { return false }
                return entry.leased.lease.token == mark[mark.index(after: index)...]
            }
        }
    }

    func add(_ entry: LeaseBook.Entry) {
        let wasEmpty = book.withLock { book in
            defer { book.add(entry) }
            return book.count == 0
        }
        if wasEmpty { becameBusy.fire() }
    }

    /// Forgets tasks; returns those that were held under their lease.
    func remove(_ ended: [OutcomeMailbox.Ended]) -> [OutcomeMailbox.Ended] {
        let (held, isEmpty) = book.withLock { book in
            (ended.filter { book.remove($0.outcome.leased) != nil }, book.count == 0)
        }
        if isEmpty { becameEmpty.fire() }
        return held
    }

    /// Whether an attempt may be started under this lease now.
    func mayStart(_ leased: LeasedTask) -> Bool { book.withLock { $0.isValid(leased, .now) } }

    /// Whether another attempt may follow under this lease.
    func mayRetry(_ leased: LeasedTask) -> Bool { book.withLock { $0.mayRetry(leased) } }

    /// Holds the next attempt in place of the one that has ended; false if none may follow.
    func keep(_ leased: LeasedTask, for next: LeasedTask, until moment: MonotonicTime) -> Bool {
        book.withLock { $0.keep(leased, for: next, until: moment) }
    }

    /// Whether leases are held that end at a certain time.
    var hasFixedLeases: Bool { book.withLock { $0.hasFixedLeases } }

    /// Notes that a task is to be ended; the entry to end, if it is held under that lease and not being reported.
    func cancel(_ request: CancelRequest) -> LeaseBook.Entry? { book.withLock { $0.cancel(request) } }

    /// The same for the lease that is held now.
    func cancel(_ taskID: String, reason: String?) -> LeaseBook.Entry? {
        book.withLock { book in
            guard let entry = book.entry(taskID) else { return nil }
            return book.cancel(
                CancelRequest(taskID: taskID, leaseToken: entry.leased.lease.token, reason: reason))
        }
    }

    /// Those of the tasks that were cancelled.
    func cancelled(among leased: [LeasedTask]) -> [LeaseBook.Entry] {
        book.withLock { book in leased.compactMap { book.entry($0) }.filter { $0.cancelRequest != nil } }
    }

    /// Outcomes are about to be reported; returns the requests by which their tasks were cancelled, in the same order.
    func report(_ ended: [OutcomeMailbox.Ended]) -> [CancelRequest?] {
        book.withLock { book in ended.map { book.report($0.outcome.leased) } }
    }

    func extended(_ entries: [LeaseBook.Entry], until moment: MonotonicTime) {
        book.withLock { $0.extended(entries, until: moment) }
    }

    func expired() -> [LeaseBook.Entry] { book.withLock { $0.expired(.now) } }

    func due(_ now: MonotonicTime) -> [LeaseBook.Entry] { book.withLock { $0.due(now) } }
}
