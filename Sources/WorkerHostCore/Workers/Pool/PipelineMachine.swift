/// The rules of one pooled process and the tasks it was given, from its start to its end. No clock, no I/O.
///
/// Tasks are answered in any order. The oldest so many as the process works on side by side are *in turn*: their time
/// runs, and they are the ones that failed when the process dies. The others were not started.
struct PipelineMachine: Sendable {
    /// A task that was given to the process.
    struct Entry: Sendable {
        let pending: Lane.Pending
        /// Since when it is in turn.
        var turn: (since: MonotonicTime, at: Timestamp, until: MonotonicTime, limit: TimeLimit)?
        /// Why it is to end early.
        var stop: StopReason?
    }

    /// What the driver is to do.
    enum Action: Sendable, Hashable {
        case terminate(StopReason)
        case kill(StopReason)
        /// The process takes no more tasks: end its input.
        case endInput
        /// The process exists no more, or is left alone.
        case finish(isAbandoned: Bool)
    }

    enum Phase: Sendable, Hashable {
        case starting(until: MonotonicTime)
        case serving
        /// Its input has ended; it should end soon.
        case leaving(until: MonotonicTime)
        case terminating(until: MonotonicTime)
        case killed(until: MonotonicTime)
        case over
    }

    let grace: Duration
    private(set) var phase: Phase
    private(set) var entries: [Entry] = []
    /// How many tasks the process works on side by side.
    private(set) var width = 1
    /// Why the host began to end the process.
    private(set) var stopReason: StopReason?
    /// The task because of which it did.
    private(set) var culprit: String?
    private(set) var isReady = false
    private static let killTimeout = Duration.seconds(10)

    init(startupTimeout: Duration, grace: Duration, startedAt: MonotonicTime) {
        self.grace = grace
        phase = .starting(until: startedAt.advanced(by: startupTimeout))
    }

    var isOver: Bool { phase == .over }
    var isServing: Bool { phase == .serving }
    var isStarting: Bool { if case .starting = phase { true } else { false } }

    /// When ``timePassed(_:)`` must be called at the latest.
    var nextDeadline: MonotonicTime? {
        switch phase {
        case .starting(let until): min(until, earliestTurnEnd ?? until)
        case .serving: earliestTurnEnd
        case .leaving(let until): min(until, earliestTurnEnd ?? until)
        case .terminating(let until), .killed(let until): until
        case .over: nil
        }
    }

    private var earliestTurnEnd: MonotonicTime? {
        entries.prefix(width).compactMap { $0.turn?.until }.min()
    }

    /// A sign of life. `width` is how many tasks the process says it works on side by side. The time of tasks that it
    /// was given before begins now.
    mutating func becameReady(width: Int, _ now: MonotonicTime, at time: Timestamp) {
        isReady = true
        self.width = max(1, width)
        if case .starting = phase { phase = .serving }
        for index in entries.indices {
            guard let turn = entries[index].turn else { continue }
            entries[index].turn = (now, time, now.advanced(by: turn.limit.duration), turn.limit)
        }
    }

    /// The tasks were written to the process.
    mutating func gave(_ pending: [Lane.Pending]) {
        entries += pending.map { Entry(pending: $0) }
    }

    /// The indices of entries whose turn begins now.
    var newTurns: [Int] { entries.indices.prefix(width).filter { entries[$0].turn == nil } }

    mutating func beginTurn(_ index: Int, _ now: MonotonicTime, at time: Timestamp, limit: TimeLimit) {
        // The start of the process has a time limit of its own, which does not count against the task's.
        let start = if case .starting(let until) = phase { max(now, until) } else { now }
        entries[index].turn = (now, time, start.advanced(by: limit.duration), limit)
    }

    /// A reply came: for the task of that id, or without one for the oldest. nil if no such task is open.
    mutating func replied(to id: String?) -> Entry? {
        guard let id else { return entries.isEmpty ? nil : entries.removeFirst() }
        // Mostly the oldest.
        guard let index = entries.firstIndex(where: { $0.pending.leased.task.id == id }) else { return nil }
        return entries.remove(at: index)
    }

    /// Whether the task under this lease is open here, and whether its turn has come.
    func holds(_ taskID: String, _ token: String) -> (index: Int, isInTurn: Bool)? {
        entries.firstIndex { $0.pending.leased.task.id == taskID && $0.pending.leased.lease.token == token }
            .map { ($0, entries[$0].turn != nil) }
    }

    mutating func timePassed(_ now: MonotonicTime) -> Action? {
        switch phase {
        case .starting(let until) where now >= until: return endInput(now)
        case .leaving(let until) where now >= until: return terminate(stopReason ?? .shutdown, now)
        case .terminating(let until) where now >= until: return kill(now)
        case .killed(let until) where now >= until:
            phase = .over
            return .finish(isAbandoned: true)
        case .starting, .serving, .leaving:
            guard let late = entries.prefix(width).first(where: { $0.turn.map { $0.until <= now } ?? false }) else {
                return nil
            }
            culprit = late.pending.leased.task.id
            return terminate(.deadline, now)
        default: return nil
        }
    }

    /// The process takes no more tasks.
    mutating func endInput(_ now: MonotonicTime) -> Action? {
        switch phase {
        case .starting, .serving:
            // What is open may be finished; each task has its own deadline.
            let longest = entries.prefix(width).compactMap { $0.turn?.until }.max() ?? now
            phase = .leaving(until: max(now, longest).advanced(by: grace))
            return .endInput
        default: return nil
        }
    }

    /// Somebody wants the task ended.
    mutating func stop(_ index: Int, _ reason: StopReason, hurry: Bool, _ now: MonotonicTime) -> Action? {
        entries[index].stop = reason
        guard entries[index].turn != nil else { return nil }
        culprit = entries[index].pending.leased.task.id
        return hurry ? killNow(reason, now) : terminate(reason, now)
    }

    /// Somebody wants the process ended.
    mutating func stopAll(_ reason: StopReason, hurry: Bool, _ now: MonotonicTime) -> Action? {
        hurry ? killNow(reason, now) : terminate(reason, now)
    }

    mutating func processEnded() -> Action? {
        guard phase != .over else { return nil }
        phase = .over
        return .finish(isAbandoned: false)
    }

    private mutating func terminate(_ reason: StopReason, _ now: MonotonicTime) -> Action? {
        switch phase {
        case .starting, .serving, .leaving:
            stopReason = stopReason ?? reason
            phase = .terminating(until: now.advanced(by: grace))
            return .terminate(reason)
        default: return nil
        }
    }

    private mutating func killNow(_ reason: StopReason, _ now: MonotonicTime) -> Action? {
        switch phase {
        case .starting, .serving, .leaving, .terminating:
            stopReason = stopReason ?? reason
            return kill(now)
        default: return nil
        }
    }

    private mutating func kill(_ now: MonotonicTime) -> Action {
        phase = .killed(until: now.advanced(by: Self.killTimeout))
        return .kill(stopReason ?? .deadline)
    }

    /// Takes out all tasks: those in turn, and those that were not started.
    mutating func takeAll() -> (inTurn: [Entry], unstarted: [Entry]) {
        defer { entries = [] }
        return (entries.filter { $0.turn != nil }, entries.filter { $0.turn == nil })
    }
}
