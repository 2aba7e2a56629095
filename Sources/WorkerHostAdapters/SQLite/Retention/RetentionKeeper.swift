import Logging
import WorkerHostCore

/// Removes old tasks in the background while a host works on the file, and sleeps while nothing can be old.
///
/// Owned by ``SQLiteTaskManager``: begun when the host registers, ended before the file is closed.
final class RetentionKeeper: Sendable {
    private struct State {
        var work: Task<Void, Never>?
        var isOver = false
        /// Tasks that were finished since the last pass began.
        var finished = 0
        /// So many of them wake the sleeper.
        var threshold = Int.max
        /// Whether the sleep is over, be it before it began.
        var isWoken = false
        var sleeper: CheckedContinuation<Void, Never>?

        mutating func takeSleeper() -> CheckedContinuation<Void, Never>? {
            defer { sleeper = nil }
            return sleeper
        }
    }

    private let state = Guarded(State())

    /// Begins, once; does nothing where everything is kept for ever.
    func start(_ purger: Purger, logger: Logger) {
        guard purger.options.keep != .everything else { return }
        state.withLock { state in
            guard state.work == nil, !state.isOver else { return }
            state.work = Task(priority: .utility) { [self] in await run(purger, logger) }
        }
    }

    /// Ends it and waits until it has ended.
    func stop() async {
        await cancel()?.value
    }

    /// Ends it soon.
    @discardableResult
    func cancel() -> Task<Void, Never>? {
        let work = state.withLock { state in
            state.isOver = true
            return state.work
        }
        work?.cancel()
        return work
    }

    /// Says that tasks were finished, which may be too many by now.
    func tasksFinished(_ count: Int) {
        guard count > 0 else { return }
        let sleeper = state.withLock { state in
            state.finished += count
            return state.finished >= state.threshold ? state.takeSleeper() : nil
        }
        sleeper?.resume()
    }

    private func run(_ purger: Purger, _ logger: Logger) async {
        while !Task.isCancelled {
            state.withLock { $0.finished = 0 }
            var schedule = RetentionSchedule()
            schedule.wait = schedule.leastWait
            do {
                let pass = try await purger.purge(purger.options.keep, isThorough: false)
                schedule = pass.schedule
                log(pass.report, logger)
            } catch is CancellationError {
                return
            } catch {
                // Nothing is lost but space; the next pass does it.
                if Task.isCancelled { return }
                logger.warning(
                    "Old tasks could not be removed from the queue; tried again in a minute.",
                    metadata: ["error": "\(error)"])
            }
            do { try await sleep(schedule) } catch { return }
        }
    }

    private func log(_ report: PurgeReport, _ logger: Logger) {
        guard report.completed + report.failed > 0 else { return }
        logger.debug(
            "Old tasks were removed from the queue.",
            metadata: [
                "completed": "\(report.completed)", "failed": "\(report.failed)", "freed_bytes": "\(report.freedBytes)",
            ])
    }

    private func sleep(_ schedule: RetentionSchedule) async throws {
        try await Task.sleep(for: schedule.leastWait)
        state.withLock { $0.isWoken = false }
        await withDiscardingTaskGroup { group in
            if let wait = schedule.wait {
                group.addTask { [self] in
                    do { try await Task.sleep(for: wait - schedule.leastWait) } catch { return }
                    wake()
                }
            }
            await self.wait(untilFinished: schedule.finished ?? .max)
            group.cancelAll()
        }
        try Task.checkCancellation()
    }

    /// Returns when so many tasks were finished since the pass, when it is woken, or when the task is cancelled.
    private func wait(untilFinished threshold: Int) async {
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let mustWait = state.withLock { state in
                    state.threshold = threshold
                    guard !Task.isCancelled, !state.isWoken, state.finished < threshold else { return false }
                    state.sleeper = continuation
                    return true
                }
                if !mustWait { continuation.resume() }
            }
        } onCancel: {
            wake()
        }
    }

    private func wake() {
        let sleeper = state.withLock { state in
            state.isWoken = true
            return state.takeSleeper()
        }
        sleeper?.resume()
    }
}
