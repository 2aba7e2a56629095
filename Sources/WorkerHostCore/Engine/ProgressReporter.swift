import Logging

/// Brings the progress of running tasks to the TaskManager, beside everything else: no task and no outcome waits for it.
final class ProgressReporter: Sendable {
    private let taskManager: any TaskManagerAdapter
    private let holdings: Holdings
    private let logger: Logger
    private let book = Guarded(ProgressBook())
    private let noted = Signal()

    init(taskManager: any TaskManagerAdapter, holdings: Holdings, logger: Logger) {
        self.taskManager = taskManager
        self.holdings = holdings
        self.logger = logger
    }

    /// Takes a worker's word; from any thread, returns at once.
    func note(_ leased: LeasedTask, percent: Int, message: String?) {
        let progress = TaskProgress(
            taskID: leased.task.id, lease: leased.lease, percent: percent, message: message.map(Self.short))
        let wasEmpty = book.withLock { book in
            defer { book.note(progress, .now) }
            return book.isEmpty
        }
        if wasEmpty { noted.fire() }
    }

    /// Runs until the task is cancelled. While nothing is reported no timer runs.
    func run() async {
        var hasFailed = false
        while !Task.isCancelled {
            guard let due = book.withLock({ $0.nextDue }) else {
                await noted.wait()
                continue
            }
            do { try await Task.sleep(for: max(MonotonicTime.now.duration(to: due), .milliseconds(20))) } catch {
                return
            }
            let taken = book.withLock { $0.take(.now) }
            let running = taken.filter { holdings.holds($0.taskID) }
            guard !running.isEmpty else { continue }
            do {
                try await taskManager.reportProgress(running)
                hasFailed = false
            } catch {
                // Nothing depends on it, and the reports of outcomes tell of a TaskManager that is away.
                book.withLock { $0.putBack(running) }
                if !hasFailed {
                    logger.debug("progress could not be passed on", metadata: ["error": "\(error)"])
                }
                hasFailed = true
            }
        }
    }

    private static let longestMessage = 500

    private static func short(_ message: String) -> String {
        message.utf8.count > longestMessage ? String(message.prefix(longestMessage)) + "…" : message
    }
}
