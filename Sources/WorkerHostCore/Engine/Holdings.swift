/// What this host holds right now, shared by its loops.
final class Holdings: Sendable {
    private let book = Guarded(LeaseBook())
    /// What marks the processes that serve many tasks and live.
    private let marks = Guarded<Set<String>>([])
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

    func extended(_ entries: [LeaseBook.Entry], until moment: MonotonicTime) {
        book.withLock { $0.extended(entries, until: moment) }
    }

    func expired() -> [LeaseBook.Entry] { book.withLock { $0.expired(.now) } }

    func due(_ now: MonotonicTime) -> [LeaseBook.Entry] { book.withLock { $0.due(now) } }
}
