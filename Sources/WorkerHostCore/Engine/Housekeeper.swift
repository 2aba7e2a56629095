import Logging

/// Runs the sweep for leftover processes on a thread of its own: once at the start, and a moment after tasks ended.
final class Housekeeper: Sendable {
    private let sweeper: LeftoverSweeper
    private let jobs = BlockingQueue<@Sendable () -> Void>()
    private let holdings: Holdings
    private let emit: @Sendable ([TaskEvent]) -> Void
    private let thread: DedicatedThread
    /// Fired when an attempt has ended.
    let attemptEnded = Signal()

    init(own: HostMark, holdings: Holdings, emit: @escaping @Sendable ([TaskEvent]) -> Void) throws(SystemError) {
        sweeper = LeftoverSweeper(own: own)
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
            await sweep()
            await attemptEnded.wait()
        }
    }

    /// Looks for leftovers now and tells about each.
    func sweep() async {
        let leftovers = await withCheckedContinuation { continuation in
            let job: @Sendable () -> Void = { [sweeper, holdings] in
                continuation.resume(returning: sweeper.sweep { holdings.holdsLease($0) })
            }
            if jobs.push([job]) == nil { continuation.resume(returning: []) }
        }
        emit(leftovers.map { .security(Self.event(for: $0)) })
    }

    /// Runs something that blocks on the housekeeper's thread, and waits for its end.
    func perform(_ work: @escaping @Sendable () -> Void) async {
        await withCheckedContinuation { continuation in
            let job: @Sendable () -> Void = {
                work()
                continuation.resume()
            }
            if jobs.push([job]) == nil { continuation.resume() }
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
