import Logging

/// Runs the sweep for leftover processes on a thread of its own: once at the start, and a moment after tasks ended.
final class Housekeeper: Sendable {
    private let sweeper: LeftoverSweeper
    private let reaper = Guarded(OrphanReaper())
    private let jobs = BlockingQueue<@Sendable () -> Void>()
    private let holdings: Holdings
    private let emit: @Sendable ([TaskEvent]) -> Void
    private let thread: DedicatedThread
    /// Fires when an attempt has ended.
    private let attemptEnded: Signal

    init(
        own: HostMark, holdings: Holdings, attemptEnded: Signal, emit: @escaping @Sendable ([TaskEvent]) -> Void
    ) throws(SystemError) {
        self.attemptEnded = attemptEnded
        sweeper = LeftoverSweeper(own: own) { holdings.isCurrent($0, of: $1) }
        self.holdings = holdings
        self.emit = emit
        let jobs = self.jobs
        thread = try DedicatedThread(name: "housekeeper") {
            while let job = jobs.pop() { job() }
        }
    }

    /// Runs until the task is cancelled. Sweeps at most once a second, and not at all while nothing happens.
    func run() async {
        while !Task.isCancelled {
            // Also a second after the start: a process that just becomes another program shows no environment.
            do { try await Task.sleep(for: .seconds(1)) } catch { return }
            if await sweep() { continue }
            await attemptEnded.wait()
        }
    }

    /// Looks for leftovers now and tells about each.
    /// - Returns: whether another look should follow soon.
    @discardableResult
    func sweep() async -> Bool {
        await perform { [sweeper, reaper, holdings, emit] in
            let leftovers = sweeper.sweep { holdings.isCurrent($0) }
            emit(leftovers.map { .security(Self.event(for: $0)) })
            return reaper.withLock { $0.isNeeded ? $0.reap() : false }
        } ?? false
    }

    /// Runs something that blocks on the housekeeper's thread, and waits for its end; nil when the thread has ended.
    @discardableResult
    func perform<Result: Sendable>(_ work: @escaping @Sendable () -> Result) async -> Result? {
        await withCheckedContinuation { continuation in
            let job: @Sendable () -> Void = { continuation.resume(returning: work()) }
            if jobs.push([job]) == nil { continuation.resume(returning: nil) }
        }
    }

    func close() async {
        for job in jobs.close() { job() }
        await thread.join()
    }

    private static func event(for leftover: LeftoverSweeper.Leftover) -> SecurityEvent {
        let whose = leftover.isOfDeadHost ? "of a host that died" : "of a task that is over"
        return SecurityEvent(
            kind: "leftover_killed",
            message:
                "process \(leftover.pid) \(whose) (attempt \(leftover.lease)) was still there and was killed; a worker must not leave processes behind"
        )
    }
}
