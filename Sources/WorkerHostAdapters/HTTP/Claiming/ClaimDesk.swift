import Logging
import WorkerHostCore

/// Makes the claims that a ``ClaimBook`` wants, and hands their tasks to whoever waits.
///
/// A claim outlives the caller that it was made for: what it brings waits for the next one.
final class ClaimDesk: TransferSink {
    private let client: HTTPClient
    private let pace: Pace
    private let logger: Logger
    private let book: Guarded<ClaimBook>
    /// Those of callers that wait, and those that none uses; kept, since their timers are.
    private let signals = Guarded<(waiting: [Signal], spare: [Signal])>(([], []))
    /// While nothing is answered, somebody who waits hears of it not later than this.
    private static let longestSilence = Duration.seconds(30)
    /// With so many claims under way so many tasks are handed over at once, unless that takes longer than this.
    private static let worthwhile = 8
    private static let gathering = Duration.milliseconds(1)

    init(_ client: HTTPClient, _ settings: ClaimSettings, pace: Pace, logger: Logger, host: String) {
        self.client = client
        self.pace = pace
        self.logger = logger
        book = Guarded(ClaimBook(settings, host: host))
    }

    /// Waits for tasks of these types, a poll interval at most.
    /// - Throws: ``HTTPTaskManagerError`` while the TaskManager does not answer.
    func receive(limit: Int, names: [String]) async throws -> [LeasedTask] {
        let signal = beginWait()
        defer { endWait(signal) }
        let start = MonotonicTime.now
        let interval = book.withLock { $0.settings.pollInterval }
        let end = start.advanced(by: interval)
        let failures = book.withLock { $0.circuit.failures }
        var found: [LeasedTask] = []
        var gatherings = 0
        while true {
            let now = MonotonicTime.now
            let most = pace.limit
            let (orders, askAgain, circuit) = book.withLock { book in
                found += book.take(names, limit: limit - found.count, now)
                let rest = limit - found.count
                // What the host has room for is asked for while it runs what it has got.
                let (orders, askAgain) =
                    rest > 0 && !Task.isCancelled
                    ? book.orders(names, limit: rest, most: most, now, wall: .now) : ([], nil)
                return (orders, askAgain, book.circuit)
            }
            send(orders)
            if !found.isEmpty {
                let isMuchUnderWay = book.withLock { $0.claimsUnderWay >= Self.worthwhile }
                guard isMuchUnderWay, found.count < min(limit, Self.worthwhile), gatherings < 2, !Task.isCancelled
                else { return found }
                // More come in a moment, and each time that some are handed over wakes the whole host.
                gatherings += 1
                await signal.wait(until: now.advanced(by: Self.gathering))
                continue
            }
            if let trouble = circuit.trouble {
                if Task.isCancelled { throw CancellationError() }
                // At once when it begins, so that it is told. After that whoever asks waits here for the end of it.
                let isNew = failures == 0
                if isNew || now >= start.advanced(by: Self.longestSilence) { throw HTTPTaskManagerError(trouble) }
            }
            if Task.isCancelled || (now >= end && circuit.trouble == nil) { return [] }
            let silence = circuit.trouble == nil ? end : start.advanced(by: Self.longestSilence)
            await signal.wait(until: min(silence, askAgain ?? silence))
        }
    }

    private func send(_ orders: [ClaimOrder]) {
        guard !orders.isEmpty else { return }
        guard !client.start(orders.map { ($0.tag, $0.request) }, for: self) else { return }
        book.withLock { book in
            for order in orders { book.forget(order) }
        }
        wake()
    }

    /// On the client's thread.
    func ended(_ outcomes: [TransferOutcome]) {
        let now = MonotonicTime.now
        let most = pace.limit
        var contentions = 0
        var notices: [ClaimNotice] = []
        let orders = book.withLock { book in outcomes.map { book.order($0.tag) } }
        // Read outside of the lock: a task may be large.
        let answers = zip(outcomes, orders).map { outcome, order in order.map { ClaimAnswer($0, outcome.result) } }
        book.withLock { book in
            for ((outcome, answer), order) in zip(zip(outcomes, answers), orders) {
                guard let answer else { continue }
                if case .contention = answer { contentions += 1 }
                let notice = book.answered(
                    outcome.tag, answer, now, most: most, random: .random(in: 0..<1))
                if let notice { notices.append(notice) }
                if case .success(let response) = outcome.result, response.wasSentTwice, let order = order {
                    book.noteLost(order, now)
                }
            }
        }
        pace.note(answers: outcomes.count, contentions: contentions)
        wake()
        for notice in notices { tell(notice) }
    }

    private func tell(_ notice: ClaimNotice) {
        var metadata: Logger.Metadata = ["type": "\(notice.type)"]
        if let task = notice.taskID { metadata["task"] = "\(task)" }
        logger.warning("\(notice.message)", metadata: metadata)
    }

    // MARK: - Tasks that the host has

    /// Outcomes are about to be told; returns under which claims.
    func beginReports(_ reports: [TaskReport]) -> [String] {
        book.withLock { book in reports.map { book.beginReport($0) } }
    }

    func otherWorker(for report: TaskReport, than worker: String) -> String? {
        book.withLock { $0.otherWorker(for: report, than: worker) }
    }

    func worker(_ taskID: String, _ lease: Lease) -> String { book.withLock { $0.worker(taskID, lease) } }

    /// Reports have answers; what is released stays with this host while its claim holds.
    func endReports(_ reports: [(report: TaskReport, worker: String, answer: Acknowledgement?)]) {
        let now = MonotonicTime.now
        book.withLock { book in
            for (report, worker, answer) in reports {
                if case .released(_, let delay) = report.outcome {
                    book.released(report.taskID, report.lease, after: delay, now)
                    continue
                }
                let isFinal = if let answer { if case .later = answer { false } else { true } } else { false }
                book.endReport(report, worker: worker, isFinal: isFinal)
            }
        }
        wake()
    }

    func released(_ tasks: [LeasedTask]) {
        let now = MonotonicTime.now
        book.withLock { book in
            for task in tasks { book.released(task.task.id, task.lease, after: .zero, now) }
        }
        wake()
    }

    private func beginWait() -> Signal {
        signals.withLock { signals in
            let signal = signals.spare.popLast() ?? Signal()
            signals.waiting.append(signal)
            return signal
        }
    }

    private func endWait(_ signal: Signal) {
        signals.withLock { signals in
            signals.waiting.removeAll { $0 === signal }
            signals.spare.append(signal)
        }
    }

    private func wake() {
        for signal in signals.withLock({ $0.waiting }) { signal.fire() }
    }

    /// What is known about the way to the TaskManager: when a call was last answered, and why none is now.
    var state: (lastAnswer: MonotonicTime?, trouble: String?) {
        book.withLock { ($0.lastAnswer, $0.circuit.trouble) }
    }

    /// Claimed tasks that nobody took, and claims whose answers have not come.
    var left: (tasks: Int, claims: Int) { book.withLock { ($0.untaken, $0.claimsUnderWay) } }
}
