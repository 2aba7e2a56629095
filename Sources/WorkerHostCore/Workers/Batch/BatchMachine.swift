/// The rules of one process that was given several tasks, from its start to its end. No clock, no I/O.
///
/// The process is taken to work on one task after the other: the oldest without a reply is the one *in turn*, whose time
/// runs. Replies may come in any order all the same.
struct BatchMachine: Sendable {
    typealias Action = OneshotMachine.Action

    /// A task of the batch that has no reply yet.
    struct Entry: Sendable {
        let pending: Lane.Pending
        /// Whether the process was given it, or a part of it.
        var isWritten = false
        /// Since when it is in turn, and how long it may take.
        var turn: (since: MonotonicTime, at: Timestamp, limit: TimeLimit)?
        /// Why it is to end early.
        var stop: StopReason?

        var id: String { pending.leased.task.id }
    }

    /// What became of a wish that a task should end.
    enum Stop: Sendable {
        /// It is not open here.
        case notHere
        /// The process was not given it yet and will not be.
        case takenOut(Entry)
        /// It is ended when its turn comes.
        case marked
        /// The process is ended.
        case act(Action?)
    }

    private let grace: Duration
    private var process: OneshotMachine
    private(set) var entries: [Entry]
    /// The task because of which the host began to end the process.
    private(set) var culprit: String?
    /// How many tasks were answered.
    private(set) var replies = 0

    init(_ batch: [Lane.Pending], deadlines: OneshotMachine.Deadlines, startedAt: MonotonicTime) {
        grace = deadlines.grace
        process = OneshotMachine(deadlines: deadlines, startedAt: startedAt)
        entries = batch.map { Entry(pending: $0) }
    }

    var isOver: Bool { process.isOver }
    /// Whether the process is still expected to end.
    var awaitsExit: Bool { process.awaitsExit }
    /// Why the host began to end the process, if it did.
    var stopReason: StopReason? { process.stopReason }
    /// When ``timePassed(_:)`` must be called at the latest.
    var nextDeadline: MonotonicTime? { process.nextDeadline }
    /// Whether the oldest task's turn is to begin.
    var awaitsTurn: Bool { process.isRunning && entries.first.map { $0.turn == nil } ?? false }

    /// The next task to write to the process; nil when it was given all.
    mutating func nextToWrite() -> WorkerTask? {
        guard let index = entries.firstIndex(where: { !$0.isWritten }) else { return nil }
        entries[index].isWritten = true
        return entries[index].pending.leased.task
    }

    /// The oldest task's time runs from now on. One that was to end while it waited ends now, with the process: nothing
    /// of it may run on.
    mutating func beginTurn(_ now: MonotonicTime, at time: Timestamp, limit: TimeLimit) -> Action? {
        guard awaitsTurn else { return nil }
        entries[0].turn = (now, time, limit)
        process.run(until: now.advanced(by: limit.duration))
        guard let reason = entries[0].stop else { return nil }
        culprit = entries[0].id
        return process.stopRequested(reason, hurry: true, now)
    }

    /// A reply came: for the task of that id, or without one for the oldest. nil if no such task is open.
    ///
    /// Once all are answered the process has the grace of a stop to end.
    mutating func replied(to id: String?, _ now: MonotonicTime) -> Entry? {
        let index = id.map { id in entries.firstIndex { $0.id == id } } ?? (entries.isEmpty ? nil : 0)
        guard let index else { return nil }
        replies += 1
        defer { if entries.isEmpty { process.run(until: now.advanced(by: grace)) } }
        return entries.remove(at: index)
    }

    /// Somebody wants the task under this lease ended; never another one.
    mutating func stop(
        _ taskID: String, _ token: String, _ reason: StopReason, hurry: Bool, _ now: MonotonicTime
    ) -> Stop {
        guard let index = entries.firstIndex(where: { $0.id == taskID && $0.pending.leased.lease.token == token })
        else { return .notHere }
        guard entries[index].isWritten else { return .takenOut(entries.remove(at: index)) }
        entries[index].stop = entries[index].stop ?? reason
        guard entries[index].turn != nil else { return .marked }
        culprit = culprit ?? taskID
        return .act(process.stopRequested(reason, hurry: hurry, now))
    }

    /// Somebody wants the process ended.
    mutating func stopAll(_ reason: StopReason, hurry: Bool, _ now: MonotonicTime) -> Action? {
        process.stopRequested(reason, hurry: hurry, now)
    }

    mutating func timePassed(_ now: MonotonicTime) -> Action? {
        let action = process.timePassed(now)
        if case .terminate(.deadline) = action { culprit = culprit ?? entries.first?.id }
        return action
    }

    /// Standard output and standard error have both ended.
    mutating func outputDidEnd() -> Action? { process.outputDidEnd() }

    /// The process has ended; its group may live on.
    mutating func processEnded(_ now: MonotonicTime) -> Action? { process.processEnded(now) }

    /// Takes out all tasks without a reply, the oldest first.
    mutating func takeAll() -> [Entry] {
        defer { entries = [] }
        return entries
    }
}
