#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// One process of a worker that is checked: what it is sent, all it says, and how it ends.
///
/// Used by the one thread that started it. Everything has a deadline, and ``finish(grace:)`` leaves nothing running.
final class ConformanceSession {
    /// What a held pipe gets when the process itself has ended, as from a host.
    static let drain = Duration.milliseconds(250)
    /// What the kernel gets to end a process after SIGKILL.
    private static let killBound = Duration.seconds(10)
    static let longestPoll: Int32 = 100

    let child: ChildProcess
    let control: ConformanceControl
    let sweeper: LeftoverSweeper
    let scratch: UnsafeMutableRawBufferPointer
    let isMessagePack: Bool
    let startedAt: MonotonicTime
    var frames: FrameReader?
    var output: OutputBuffer
    var errors: TailBuffer
    var outgoing = OutgoingBytes()
    var closesInput = false
    var exitedAt: MonotonicTime?
    var signals: [Int32] = []

    /// What it wrote, cut into messages; empty for a oneshot worker.
    var messages: [SessionMessage] = []
    /// Since the start.
    var firstByteAt: Duration?
    var lastByteAt: Duration?

    init(
        _ child: ChildProcess, subject: ConformanceSubject, startedAt: MonotonicTime, control: ConformanceControl,
        sweeper: LeftoverSweeper, scratch: UnsafeMutableRawBufferPointer
    ) {
        self.child = child
        self.startedAt = startedAt
        self.control = control
        self.sweeper = sweeper
        self.scratch = scratch
        isMessagePack = subject.isMessagePack
        let limits = subject.configuration.limits
        frames = subject.framing.map { FrameReader($0, limit: limits.maxReplyBytes) }
        output = OutputBuffer(limit: limits.maxReplyBytes)
        errors = TailBuffer(limit: limits.keptErrorBytes)
    }

    // MARK: What was said

    var now: Duration { startedAt.duration(to: .now) }

    var hasExited: Bool { exitedAt != nil }

    var replies: [ConformanceReply] { messages.compactMap(\.reply) }

    /// The whole output of a oneshot worker; nil if it was over the limit.
    var document: [UInt8]? { output.overflowed ? nil : output.bytes }

    /// How many bytes of what was sent it has not read.
    var unreadCount: Int {
        guard child.standardInput >= 0 else { return 0 }
        var count: Int32 = 0
        guard ioctl(child.standardInput, UInt(FIONREAD), &count) == 0 else { return 0 }
        return outgoing.isEmpty ? Int(count) : Int(count) + 1
    }

    // MARK: What is done to it

    func send(_ bytes: [UInt8]) {
        outgoing.append(bytes)
        flush()
    }

    /// Ends its input, behind what was sent.
    func closeInput() {
        closesInput = true
        flush()
    }

    func terminate() {
        signals.append(SIGTERM)
        child.signalGroup(SIGTERM)
    }

    /// Lets it go on until the condition holds, it has ended and said all, or the moment has come.
    /// - Parameter pause: the longest time between two looks at the condition, in milliseconds.
    /// - Returns: whether the condition holds.
    @discardableResult
    func wait(
        until moment: MonotonicTime, pause: Int32 = ConformanceSession.longestPoll,
        for condition: () -> Bool = { false }
    ) -> Bool {
        while !condition() {
            if isOver || control.isStopped || MonotonicTime.now >= moment { return condition() }
            step(until: moment, pause)
        }
        return true
    }

    /// Brings it to an end, with SIGTERM and SIGKILL if it must be, and with it everything that it has started.
    func finish(grace: Duration) -> SessionEnd {
        closeInput()
        if !hasExited {
            terminate()
            let moment = MonotonicTime.now.advanced(by: grace)
            while !hasExited, !control.mustHurry, MonotonicTime.now < moment { step(until: moment, Self.longestPoll) }
        }
        if !hasExited {
            signals.append(SIGKILL)
            child.signalGroup(SIGKILL)
            let moment = MonotonicTime.now.advanced(by: Self.killBound)
            while !hasExited, MonotonicTime.now < moment { step(until: moment, Self.longestPoll) }
        }
        while !isOver, hasExited { step(until: drainEnd, Self.longestPoll) }
        let at = exitedAt.map { startedAt.duration(to: $0) } ?? now
        let heldOutput = hasExited && child.standardOutput >= 0
        let leftovers = leftovers()
        // Before the reap, while the pid cannot belong to anybody else.
        child.signalGroup(SIGKILL)
        drainOutput()
        drainErrors()
        let exit = child.reap()
        takeRest()
        child.closeAll()
        sweeper.sweepOwn { _ in false }
        return SessionEnd(
            ending: exit?.ending, signals: signals, at: at, leftovers: leftovers, heldOutput: heldOutput,
            standardError: errors.text)
    }

    /// What carries this session's mark and is not the process itself, which has ended.
    private func leftovers() -> [String] {
        guard hasExited, signals.isEmpty else { return [] }
        // What a host that died has left on this machine is not this worker's.
        return sweeper.find { _ in false }.filter { !$0.isOfDeadHost }.map { leftover in
            ProcessTable.commandLine(of: leftover.pid) ?? "process \(leftover.pid)"
        }
    }
}
