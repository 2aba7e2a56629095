/// The rules of one oneshot attempt, from the start of its process to its end. No clock, no I/O: it is told what
/// happened and when, and says what to do.
struct OneshotMachine: Sendable {
    /// How long each step may take.
    struct Deadlines: Sendable, Hashable {
        /// From the start to the end of the process.
        var run: Duration
        /// From SIGTERM to SIGKILL.
        var grace: Duration
        /// From SIGKILL until the process is given up; only a process that hangs in the kernel gets so far.
        var kill: Duration = .seconds(10)
        /// From the end of the process to the end of its output, which a grandchild may hold open.
        var drain: Duration = .milliseconds(250)
    }

    /// What the driver is to do.
    enum Action: Sendable, Hashable {
        /// Ask the process group to end (SIGTERM).
        case terminate(StopReason)
        /// End it (SIGKILL).
        case kill(StopReason)
        /// The attempt is over: end what is left of the group, take what is left of the output, reap.
        case finish
        /// The attempt is over although the process still exists.
        case abandon
    }

    private enum Phase: Sendable, Hashable {
        case running(until: MonotonicTime)
        case terminating(until: MonotonicTime)
        case killed(until: MonotonicTime)
        case draining(until: MonotonicTime)
        case over
    }

    private let deadlines: Deadlines
    private var phase: Phase
    private var outputEnded = false
    /// Why the host began to end the process, if it did.
    private(set) var stopReason: StopReason?

    init(deadlines: Deadlines, startedAt: MonotonicTime) {
        self.deadlines = deadlines
        phase = .running(until: startedAt.advanced(by: deadlines.run))
    }

    /// When ``timePassed(_:)`` must be called at the latest; nil when the attempt is over.
    var nextDeadline: MonotonicTime? {
        switch phase {
        case .running(let until), .terminating(let until), .killed(let until), .draining(let until): until
        case .over: nil
        }
    }

    /// Whether the process is still expected to end.
    var awaitsExit: Bool {
        switch phase {
        case .running, .terminating, .killed: true
        case .draining, .over: false
        }
    }

    var isOver: Bool { phase == .over }

    /// Whether the process runs and nothing has been done to end it.
    var isRunning: Bool { if case .running = phase { true } else { false } }

    /// Sets another deadline, as long as nothing has been done to end the process.
    mutating func run(until deadline: MonotonicTime) {
        if isRunning { phase = .running(until: deadline) }
    }

    mutating func timePassed(_ now: MonotonicTime) -> Action? {
        switch phase {
        case .running(let until) where now >= until: return terminate(.deadline, now)
        case .terminating(let until) where now >= until: return kill(now)
        case .killed(let until) where now >= until:
            phase = .over
            return .abandon
        case .draining(let until) where now >= until: return finish()
        default: return nil
        }
    }

    /// Somebody wants the process ended. The first reason stays.
    mutating func stopRequested(_ reason: StopReason, hurry: Bool, _ now: MonotonicTime) -> Action? {
        switch phase {
        case .running:
            if hurry {
                stopReason = reason
                return kill(now)
            }
            return terminate(reason, now)
        case .terminating where hurry: return kill(now)
        default: return nil
        }
    }

    /// Standard output and standard error have both ended.
    mutating func outputDidEnd() -> Action? {
        outputEnded = true
        if case .draining = phase { return finish() }
        return nil
    }

    /// The process has ended (its group may live on).
    mutating func processEnded(_ now: MonotonicTime) -> Action? {
        switch phase {
        case .running, .terminating, .killed:
            if outputEnded { return finish() }
            phase = .draining(until: now.advanced(by: deadlines.drain))
            return nil
        case .draining, .over: return nil
        }
    }

    private mutating func terminate(_ reason: StopReason, _ now: MonotonicTime) -> Action {
        stopReason = reason
        phase = .terminating(until: now.advanced(by: deadlines.grace))
        return .terminate(reason)
    }

    private mutating func kill(_ now: MonotonicTime) -> Action {
        phase = .killed(until: now.advanced(by: deadlines.kill))
        return .kill(stopReason ?? .deadline)
    }

    private mutating func finish() -> Action {
        phase = .over
        return .finish
    }
}
