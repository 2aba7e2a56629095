public import WorkerHostCore

/// An outbox in memory: for tests. What outlives a host lies in a ``Storage``, which several hosts may share.
public final class MemoryOutbox: Outbox {
    /// What lies in the file of a real outbox.
    public actor Storage {
        /// An entry.
        public struct Entry: Sendable {
            /// The host that delivers it.
            public internal(set) var owner: String
            /// The entry.
            public internal(set) var entry: OutboxEntry
            /// What came out.
            public internal(set) var report: TaskReport
            /// Why the TaskManager refused it; nil while it waits.
            public internal(set) var refusal: String?
            /// Why it was not delivered at its last try.
            public internal(set) var lastError: String?
        }

        /// All entries, the oldest first.
        public private(set) var entries: [Entry] = []
        /// The failures of tasks that are not to run again.
        public private(set) var failures: [String: TaskFailure] = [:]
        /// Why nothing can be written; nil if all is well.
        public var writeError: (any Error)?
        private var living: Set<String> = []
        private var lastID: Int64 = 0
        private var edits = 0

        /// Nothing there yet.
        public init() {}

        /// From now on nothing can be written, or with nil everything can again.
        public func failWrites(_ error: (any Error)?) { writeError = error }

        /// The host is dead.
        public func kill(_ owner: String) { living.remove(owner) }

        /// Makes an entry due, or deletes it, as an operator does.
        public func edit(_ id: Int64, discards: Bool = false) {
            edits += 1
            if discards { return entries.removeAll { $0.entry.id == id } }
            change(id) { entry in
                entry.refusal = nil
                entry.entry = entry.entry.with(tries: entry.entry.tries, nextTry: nil)
            }
        }

        func open(_ owner: String) { living.insert(owner) }

        func adopt(_ owner: String) -> [OutboxEntry] {
            var adopted: [OutboxEntry] = []
            for index in entries.indices where !living.contains(entries[index].owner) {
                entries[index].owner = owner
                if entries[index].refusal == nil { adopted.append(entries[index].entry) }
            }
            return adopted
        }

        func store(_ outcomes: [OutboxOutcome], _ owner: String) throws -> [Int64] {
            if let writeError { throw writeError }
            return outcomes.map { outcome in
                lastID += 1
                let report = outcome.report
                let entry = OutboxEntry(
                    id: lastID, taskID: report.taskID, lease: report.lease, outcome: .init(report.outcome),
                    size: report.storedSize, storedAt: .now)
                entries.append(Entry(owner: owner, entry: entry, report: report))
                if outcome.isRemembered, case .failed(let failure) = report.outcome {
                    failures[report.taskID] = failure
                }
                return lastID
            }
        }

        func reports(_ ids: [Int64], _ owner: String) -> [Int64: TaskReport] {
            let wanted = Set(ids)
            return entries.reduce(into: [:]) { reports, entry in
                if wanted.contains(entry.entry.id), entry.owner == owner { reports[entry.entry.id] = entry.report }
            }
        }

        func settle(_ settlements: [OutboxSettlement], _ owner: String) throws {
            if let writeError { throw writeError }
            for settlement in settlements {
                switch settlement {
                case .gone(let id): entries.removeAll { $0.entry.id == id && $0.owner == owner }
                case .postponed(let id, let tries, let next, let error):
                    change(id) { entry in
                        entry.entry = entry.entry.with(tries: tries, nextTry: next)
                        entry.lastError = error
                    }
                case .rejected(let id, let reason, let failure):
                    change(id) { entry in
                        entry.refusal = reason
                        if let failure { failures[entry.report.taskID] = failure }
                    }
                }
            }
        }

        func findings(_ taskIDs: [String]) -> OutboxFindings {
            var findings = OutboxFindings()
            for id in taskIDs {
                findings.undelivered[id] = entries.last { $0.report.taskID == id && $0.refusal == nil }?.entry
                findings.failures[id] = failures[id]
            }
            return findings
        }

        func rebind(_ id: Int64, _ lease: Lease, _ owner: String) throws -> OutboxEntry? {
            if let writeError { throw writeError }
            change(id) { entry in
                guard entry.refusal == nil else { return }
                let old = entry.entry
                entry.owner = owner
                entry.entry = OutboxEntry(
                    id: id, taskID: old.taskID, lease: lease, outcome: old.outcome, size: old.size,
                    storedAt: old.storedAt)
            }
            return entries.first { $0.entry.id == id && $0.refusal == nil }?.entry
        }

        func entries(_ owner: String, unless seen: Int) -> (edits: Int, entries: [OutboxEntry])? {
            guard edits != seen else { return nil }
            return (edits, entries.filter { $0.owner == owner && $0.refusal == nil }.map(\.entry))
        }

        private func change(_ id: Int64, _ body: (inout Entry) -> Void) {
            guard let index = entries.firstIndex(where: { $0.entry.id == id }) else { return }
            body(&entries[index])
        }
    }

    /// What outlives this host.
    public let storage: Storage
    private let owner = Owner()

    private actor Owner {
        var name = ""
        var edits = 0

        func set(_ name: String) { self.name = name }
        func saw(_ edits: Int) { self.edits = edits }
    }

    /// An outbox of one host.
    public init(_ storage: Storage = Storage()) {
        self.storage = storage
    }

    /// Takes the name.
    public func open(owner: String) async throws {
        await self.owner.set(owner)
        await storage.open(owner)
    }

    /// Takes over what dead hosts left.
    public func adopt() async throws -> [OutboxEntry] { await storage.adopt(owner.name) }

    /// Stores outcomes.
    public func store(_ outcomes: [OutboxOutcome]) async throws -> [Int64] {
        try await storage.store(outcomes, owner.name)
    }

    /// The reports that are there.
    public func reports(of ids: [Int64]) async throws -> [Int64: TaskReport] {
        await storage.reports(ids, owner.name)
    }

    /// Notes what became of entries.
    public func settle(_ settlements: [OutboxSettlement]) async throws {
        try await storage.settle(settlements, owner.name)
    }

    /// What is known about tasks.
    public func findings(about taskIDs: [String]) async throws -> OutboxFindings { await storage.findings(taskIDs) }

    /// Puts an entry under another lease.
    public func rebind(_ id: Int64, to lease: Lease) async throws -> OutboxEntry? {
        try await storage.rebind(id, lease, owner.name)
    }

    /// This host's entries, if somebody has edited.
    public func entriesIfEdited() async throws -> [OutboxEntry]? {
        guard let (edits, entries) = await storage.entries(owner.name, unless: owner.edits) else { return nil }
        await owner.saw(edits)
        return entries
    }

    /// How many were refused.
    public func rejectedCount() async throws -> Int { await storage.entries.count { $0.refusal != nil } }

    /// The host ends.
    public func close() async { await storage.kill(owner.name) }
}

extension OutboxEntry {
    fileprivate func with(tries: Int, nextTry: Timestamp?) -> OutboxEntry {
        OutboxEntry(
            id: id, taskID: taskID, lease: lease, outcome: outcome, size: size, storedAt: storedAt, tries: tries,
            nextTry: nextTry)
    }
}
