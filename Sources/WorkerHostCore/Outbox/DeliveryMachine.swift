/// Decides which outcomes are delivered when: in order per task, many at a time, each again until it is settled. No
/// clock and no I/O inside.
///
/// A batch that came back without any answer says nothing about the single outcome: it may hold one that always fails.
/// So its outcomes come again in batches of half the size, in the end alone, and meanwhile others go first. While
/// nothing at all is answered, one batch at a time tries, ever more seldom.
struct DeliveryMachine: Sendable {
    struct Item: Sendable {
        enum State: Sendable, Hashable {
            /// Waits for its turn.
            case ready
            /// Waits for its next try.
            case delayed
            /// Is with the TaskManager.
            case inFlight
            /// An older outcome of the same task comes first.
            case behind
            /// Its lease was lost; a claim under way may bring another one of the same task.
            case limbo
        }

        let id: Int64
        let taskID: String
        var lease: Lease
        let outcome: OutboxEntry.Outcome
        let size: Int
        let storedAt: Timestamp
        var tries: Int
        /// What it is delivered as, if it is kept in memory.
        var cached: TaskReport?
        /// It may travel with so many others at most.
        var batchLimit = Int.max
        var state = State.ready
        /// Taken while it is in flight under the one before.
        var newLease: Lease?
    }

    private let options: DeliveryOptions
    private var items: [Int64: Item] = [:]
    /// The oldest outcome of each task, and those behind it.
    private var heads: [String: Int64] = [:]
    private var followers: [String: [Int64]] = [:]
    private var line = Line()
    private var delayed: [Int64: MonotonicTime] = [:]
    private var nextDelayed: MonotonicTime?
    /// For each outcome in limbo the claims that were under way.
    private var limbo: [Int64: Set<Int>] = [:]
    private var claims: Set<Int> = []
    private var nextClaim = 0
    private var cachedBytes = 0
    private var batchesInFlight = 0
    /// Batches in a row that were not answered.
    private(set) var failures = 0
    private var pausedUntil: MonotonicTime?
    /// Since when outcomes wait for others to travel with.
    private var gatheringSince: MonotonicTime?
    /// Batches in a row of which nothing was taken.
    private var fruitless = 0
    private var lastError: String?
    private(set) var counters = DeliveryCounters()

    init(options: DeliveryOptions) {
        self.options = options
    }

    var isEmpty: Bool { items.isEmpty }
    /// Whether nothing is to be done but to wait for a batch that is with the TaskManager.
    var waitsForAnswer: Bool { batchesInFlight > 0 && gatheringSince == nil && nextDelayed == nil }
    /// Whether something is on its way, or about to be.
    var isBusy: Bool { batchesInFlight > 0 || (!line.isEmpty && failures == 0) }
    func holds(_ id: Int64) -> Bool { items[id] != nil }
    var ids: Set<Int64> { Set(items.keys) }

    /// Why nothing is delivered; nil while something is, or nothing is to be.
    var trouble: String? { failures >= 2 || fruitless >= 3 ? lastError : nil }

    /// Whether no more tasks should be leased. Once it is full it has to drain to nine tenths.
    mutating func checkFull() -> Bool {
        let share = counters.isFull ? 0.9 : 1
        counters.isFull =
            Double(counters.undelivered) >= share * Double(options.mostUndelivered)
            || Double(counters.undeliveredBytes) >= share * Double(options.mostUndeliveredBytes)
        return counters.isFull
    }

    var oldest: Timestamp? { items.values.min { $0.id < $1.id }?.storedAt }

    // MARK: What comes in

    /// Takes a stored outcome; one that is known already is left alone.
    mutating func add(_ entry: OutboxEntry, report: TaskReport? = nil, wait: Duration? = nil, now: MonotonicTime) {
        guard items[entry.id] == nil else { return }
        var item = Item(
            id: entry.id, taskID: entry.taskID, lease: entry.lease, outcome: entry.outcome, size: entry.size,
            storedAt: entry.storedAt, tries: entry.tries)
        if let report, cachedBytes + entry.size <= DeliveryOptions.cachedBytes {
            item.cached = report
            cachedBytes += entry.size
        }
        counters.undelivered += 1
        counters.undeliveredBytes += entry.size
        if heads[entry.taskID] == nil {
            heads[entry.taskID] = entry.id
            items[entry.id] = item
            if let wait, wait > .zero { delay(entry.id, until: now.advanced(by: wait)) } else { line.append(entry.id) }
        } else {
            item.state = .behind
            items[entry.id] = item
            followers[entry.taskID, default: []].append(entry.id)
        }
    }

    mutating func count(_ change: (inout DeliveryCounters) -> Void) { change(&counters) }

    // MARK: What goes out

    /// The outcomes to deliver now, oldest first; nil for none. Each batch is answered by ``answered(_:_:now:random:)``
    /// or ``unanswered(_:error:now:random:)``.
    mutating func next(_ now: MonotonicTime) -> [Item]? {
        awake(now)
        guard batchesInFlight < options.batchesAtOnce else { return nil }
        // While a batch is away some are gathered for the next one: it costs the same work, however many are in it.
        if batchesInFlight > 0, !line.isEmpty, line.count < min(options.batch, DeliveryOptions.worthwhile) {
            let since = gatheringSince ?? now
            gatheringSince = since
            if now < since.advanced(by: options.gathering) { return nil }
        }
        if failures > 0, batchesInFlight > 0 { return nil }
        if let pausedUntil, now < pausedUntil { return nil }
        var batch: [Item] = []
        var bytes = 0
        while let id = line.first {
            guard var item = items[id], item.state == .ready else {
                line.removeFirst()
                continue
            }
            if !batch.isEmpty {
                let limit = min(options.batch, item.batchLimit)
                if batch.count >= limit || bytes + item.size > DeliveryOptions.batchBytes { break }
                // None that is above suspicion travels with one that is not.
                if item.batchLimit != batch[0].batchLimit { break }
            }
            line.removeFirst()
            item.state = .inFlight
            items[id] = item
            batch.append(item)
            bytes += item.size
        }
        guard !batch.isEmpty else { return nil }
        gatheringSince = nil
        batchesInFlight += 1
        return batch
    }

    /// When ``next(_:)`` is to be asked again, if nothing else happens before.
    var wake: MonotonicTime? {
        let paused = line.isEmpty ? nil : pausedUntil ?? gatheringSince?.advanced(by: options.gathering)
        guard let nextDelayed else { return paused }
        return paused.map { min($0, nextDelayed) } ?? nextDelayed
    }

    /// The host stops: everything is tried now.
    mutating func hurry() {
        pausedUntil = nil
        makeReady(delayed.keys.sorted())
    }

    // MARK: What comes back

    /// A batch was answered.
    /// - Parameter random: a number in 0...1, the jitter.
    /// - Returns: what to note in the outbox.
    mutating func answered(
        _ batch: [Item], _ answers: [Acknowledgement], now: MonotonicTime, wallClock: Timestamp, random: Double
    ) -> [OutboxSettlement] {
        batchesInFlight -= 1
        failures = 0
        pausedUntil = nil
        var isFruitful = false
        var settlements: [OutboxSettlement] = []
        for (index, item) in batch.enumerated() {
            let answer =
                index < answers.count
                ? answers[index] : .later(reason: "the TaskManager's adapter gave no answer for it", after: nil)
            if case .later(let reason, _) = answer { lastError = reason } else { isFruitful = true }
            guard items[item.id] != nil else { continue }
            if let settlement = take(answer, for: item.id, now, wallClock, random) { settlements.append(settlement) }
        }
        fruitless = isFruitful ? 0 : fruitless + 1
        return settlements
    }

    /// A batch came back without any answer.
    mutating func unanswered(
        _ batch: [Item], error: String, now: MonotonicTime, wallClock: Timestamp, random: Double
    ) -> [OutboxSettlement] {
        batchesInFlight -= 1
        failures += 1
        lastError = error
        let pause = options.backoff.delay(afterAttempt: failures, random: random)
        pausedUntil = now.advanced(by: pause)
        return batch.compactMap { item in
            guard items[item.id] != nil else { return nil }
            if renew(item.id) { return nil }
            counters.failedTries += 1
            items[item.id]?.tries += 1
            items[item.id]?.batchLimit = max(1, batch.count / 2)
            var wait = pause
            if batch.count == 1 {
                wait = max(wait, options.backoff.delay(afterAttempt: item.tries + 1, random: random))
                delay(item.id, until: now.advanced(by: wait))
            } else {
                makeReady(item.id)
            }
            return .postponed(
                id: item.id, tries: item.tries + 1, next: wallClock.advanced(by: wait), error: error)
        }
    }

    private mutating func take(
        _ answer: Acknowledgement, for id: Int64, _ now: MonotonicTime, _ wallClock: Timestamp, _ random: Double
    ) -> OutboxSettlement? {
        guard let item = items[id] else { return nil }
        // The answer was for a lease that is over.
        if renew(id) { return nil }
        switch answer {
        case .accepted:
            remove(id)
            counters.delivered += 1
            return .gone(id: id)
        case .leaseLost:
            if item.outcome.isFinal, !claims.isEmpty {
                items[id]?.state = .limbo
                limbo[id] = claims
                return nil
            }
            remove(id)
            counters.superseded += 1
            return .gone(id: id)
        case .rejected(let reason):
            remove(id)
            counters.refused += 1
            counters.rejected += 1
            return .rejected(id: id, reason: reason, remembered: nil)
        case .later(let reason, let after):
            counters.failedTries += 1
            let tries = item.tries + 1
            let wait = max(options.backoff.delay(afterAttempt: tries, random: random), after ?? .zero)
            items[id]?.tries = tries
            delay(id, until: now.advanced(by: wait))
            return .postponed(id: id, tries: tries, next: wallClock.advanced(by: wait), error: reason)
        }
    }

    /// Sets an outcome up for its new lease, if it has got one meanwhile.
    private mutating func renew(_ id: Int64) -> Bool {
        guard let lease = items[id]?.newLease else { return false }
        items[id]?.newLease = nil
        items[id]?.lease = lease
        items[id]?.tries = 0
        makeReady(id)
        return true
    }

    // MARK: Leases

    /// A claim is made; until its end an outcome whose lease is lost is not given up.
    mutating func claimBegins() -> Int {
        nextClaim += 1
        claims.insert(nextClaim)
        return nextClaim
    }

    /// A claim has been answered, and ``rebind(_:to:)`` was called for what it brought.
    mutating func claimEnds(_ claim: Int) -> [OutboxSettlement] {
        claims.remove(claim)
        var settlements: [OutboxSettlement] = []
        for id in limbo.keys.sorted() {
            limbo[id]?.remove(claim)
            guard limbo[id]?.isEmpty == true else { continue }
            limbo[id] = nil
            remove(id)
            counters.superseded += 1
            settlements.append(.gone(id: id))
        }
        return settlements
    }

    /// An outcome is delivered under a new lease of its task from now on.
    mutating func rebind(_ entry: OutboxEntry, to lease: Lease, now: MonotonicTime) {
        counters.rebound += 1
        guard let item = items[entry.id] else { return add(entry, now: now) }
        switch item.state {
        case .inFlight: items[entry.id]?.newLease = lease
        case .behind: items[entry.id]?.lease = lease
        case .ready, .delayed, .limbo:
            limbo[entry.id] = nil
            items[entry.id]?.newLease = lease
            _ = renew(entry.id)
        }
    }

    /// An outcome is of no use any more, or not there any more.
    mutating func drop(_ id: Int64) {
        guard items[id] != nil else { return }
        remove(id)
        counters.superseded += 1
    }

    // MARK: By hand

    /// Brings in what somebody has changed in the outbox.
    /// - Parameters:
    ///   - entries: all that are there.
    ///   - known: the ids that were known before the outbox was asked.
    mutating func sync(_ entries: [OutboxEntry], known: Set<Int64>, now: MonotonicTime) {
        let there = Set(entries.map(\.id))
        for id in known where !there.contains(id) && items[id]?.state != .inFlight { drop(id) }
        for entry in entries {
            if !known.contains(entry.id) { add(entry, now: now) }
            guard entry.nextTry == nil, items[entry.id]?.state == .delayed else { continue }
            items[entry.id]?.tries = 0
            makeReady(entry.id)
        }
    }

    // MARK: Inside

    private mutating func awake(_ now: MonotonicTime) {
        guard let nextDelayed, nextDelayed <= now else { return }
        makeReady(delayed.filter { $0.value <= now }.keys.sorted())
    }

    private mutating func makeReady(_ ids: [Int64]) {
        for id in ids { delayed[id] = nil }
        nextDelayed = delayed.values.min()
        for id in ids { makeReady(id) }
    }

    private mutating func makeReady(_ id: Int64) {
        undelay(id)
        guard let state = items[id]?.state, state != .ready else { return }
        items[id]?.state = .ready
        line.append(id)
    }

    private mutating func undelay(_ id: Int64) {
        guard let moment = delayed.removeValue(forKey: id), moment == nextDelayed else { return }
        nextDelayed = delayed.values.min()
    }

    private mutating func delay(_ id: Int64, until moment: MonotonicTime) {
        items[id]?.state = .delayed
        delayed[id] = moment
        nextDelayed = nextDelayed.map { min($0, moment) } ?? moment
    }

    private mutating func remove(_ id: Int64) {
        guard let item = items.removeValue(forKey: id) else { return }
        if item.cached != nil { cachedBytes -= item.size }
        counters.undelivered -= 1
        counters.undeliveredBytes -= item.size
        limbo[id] = nil
        undelay(id)
        // Nearly always there is none.
        var behind = followers.isEmpty ? [] : followers.removeValue(forKey: item.taskID) ?? []
        guard heads[item.taskID] == id else {
            behind.removeAll { $0 == id }
            if !behind.isEmpty { followers[item.taskID] = behind }
            return
        }
        heads[item.taskID] = nil
        guard !behind.isEmpty else { return }
        let next = behind.removeFirst()
        if !behind.isEmpty { followers[item.taskID] = behind }
        heads[item.taskID] = next
        makeReady(next)
    }

    /// First in, first out.
    private struct Line: Sendable {
        private var ids: [Int64] = []
        private var start = 0

        var count: Int { ids.count - start }
        var isEmpty: Bool { start == ids.count }
        var first: Int64? { start < ids.count ? ids[start] : nil }

        mutating func append(_ id: Int64) { ids.append(id) }

        mutating func removeFirst() {
            start += 1
            guard start > 1024, start * 2 > ids.count else { return }
            ids.removeFirst(start)
            start = 0
        }
    }
}
