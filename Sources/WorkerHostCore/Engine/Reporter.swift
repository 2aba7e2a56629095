import Logging

/// Brings outcomes to the TaskManager, in batches, until each is acknowledged.
final class Reporter: Sendable {
    private static let longestGathering = Duration.milliseconds(20)
    private static let fullBatch = 256

    private let outcomes: OutcomeMailbox
    private let taskManager: any TaskManagerAdapter
    private let holdings: Holdings
    private let contact: TaskManagerContact
    private let bus: EventBus
    private let logger: Logger
    private let attemptEnded: Signal
    /// Keeps what another attempt follows for; nil if the TaskManager does that.
    private let desk: RetryDesk?
    private let summaryState = Guarded(RunSummary())
    private let giveUpAt = Guarded<MonotonicTime?>(nil)
    private let state = Guarded((hasUnreported: false, hasEnded: false))
    private let ended = Signal()

    init(
        outcomes: OutcomeMailbox, taskManager: any TaskManagerAdapter,
        holdings: Holdings, contact: TaskManagerContact, bus: EventBus, attemptEnded: Signal, desk: RetryDesk?,
        logger: Logger
    ) {
        self.outcomes = outcomes
        self.taskManager = taskManager
        self.holdings = holdings
        self.contact = contact
        self.bus = bus
        self.attemptEnded = attemptEnded
        self.desk = desk
        self.logger = logger
    }

    /// What was done so far.
    var summary: RunSummary { summaryState.withLock { $0 } }

    /// From this moment on a TaskManager that does not answer is not waited for any more.
    func giveUp(at moment: MonotonicTime) {
        giveUpAt.withLock { $0 = moment }
    }

    /// Whether an outcome could not be brought to the TaskManager.
    var hasUnreported: Bool { state.withLock { $0.hasUnreported } }

    /// Waits until everything is reported, or the moment of ``giveUp(at:)`` has come.
    func waitUntilGivenUp() async {
        while !state.withLock({ $0.hasEnded }), let limit = giveUpAt.withLock({ $0 }), limit > .now {
            await ended.wait(until: limit)
        }
    }

    /// Runs until the mailbox is finished and empty.
    func run() async {
        defer {
            state.withLock { $0.hasEnded = true }
            ended.fire()
        }
        while var batch = await outcomes.mailbox.next() {
            await gather(&batch)
            if let desk {
                batch = desk.take(batch) { count in summaryState.withLock { $0.retried += count } }
                if batch.isEmpty { continue }
            }
            let reports = zip(batch, holdings.report(batch)).map { ended, request in
                let report = ended.proxy.report(ended.outcome)
                return request?.applied(to: report) ?? report
            }
            let acknowledgements = await deliver(reports, Self.counted(batch).map(\.proxy))
            settle(batch, reports, acknowledgements)
        }
    }

    /// Waits for more outcomes, a moment at most, as long as nobody waits for these: all slots have leased tasks to go
    /// on with. Tasks of fractions of a millisecond are so settled many at a time; a lone task never waits.
    private func gather(_ batch: inout [OutcomeMailbox.Ended]) async {
        let spare = Self.counted(batch).map { $0.proxy.mayWait }.min() ?? 0
        let wanted = min(spare, Self.fullBatch - batch.count)
        guard wanted > 0 else { return }
        batch += await outcomes.mailbox.more(atLeast: wanted, until: .now.advanced(by: Self.longestGathering))
    }

    /// How many of the batch each proxy has. There are few proxies: looking through them beats a dictionary.
    private static func counted(_ batch: [OutcomeMailbox.Ended]) -> [(proxy: WorkerProxy, count: Int)] {
        batch.reduce(into: []) { counts, ended in
            if let known = counts.firstIndex(where: { $0.proxy === ended.proxy }) {
                counts[known].count += 1
            } else {
                counts.append((ended.proxy, 1))
            }
        }
    }

    /// Reports until the TaskManager has answered each. The leases are extended meanwhile, so the tasks stay ours.
    private func deliver(_ reports: [TaskReport], _ proxies: [WorkerProxy]) async -> [Acknowledgement]? {
        let backoff = Backoff.exponentialJitter(initial: .milliseconds(50), cap: .seconds(5))
        var answers: [Acknowledgement] = []
        var open = Array(reports.indices)
        var tries = 0
        while true {
            var trouble: (reason: String, wait: Duration?)
            do {
                let new = try await taskManager.complete(answers.isEmpty ? reports : open.map { reports[$0] })
                contact.succeeded(.report)
                guard let later = Self.merge(new, &answers, &open) else {
                    if tries > 0 { for proxy in proxies { proxy.reporting(isBroken: false) } }
                    return answers
                }
                trouble = later
            } catch {
                contact.failed("\(error)", .report)
                trouble = ("\(error)", nil)
            }
            if tries == 0 { for proxy in proxies { proxy.reporting(isBroken: true) } }
            tries += 1
            if let limit = giveUpAt.withLock({ $0 }), limit <= .now {
                logger.error(
                    "outcomes could not be reported; their tasks will run again when their leases end",
                    metadata: ["count": "\(open.count)", "error": "\(trouble.reason)"])
                state.withLock { $0.hasUnreported = true }
                return answers.isEmpty ? nil : answers
            }
            let delay = backoff.delay(afterAttempt: tries, random: .random(in: 0.5..<1))
            // The reporter is never cancelled; it ends by its mailbox, after the last report.
            do { try await Task.sleep(for: max(delay, trouble.wait ?? .zero)) } catch { await Task.yield() }
        }
    }

    /// Takes in answers.
    /// - Parameters:
    ///   - answers: those so far; empty before the first.
    ///   - open: which reports the new answers are for; then those that are to come again.
    /// - Returns: why some are, and the longest wait that was asked for; nil if none is.
    private static func merge(
        _ new: [Acknowledgement], _ answers: inout [Acknowledgement], _ open: inout [Int]
    ) -> (reason: String, wait: Duration?)? {
        if answers.isEmpty {
            answers = new
        } else {
            for (index, answer) in zip(open, new) { answers[index] = answer }
        }
        var later: (reason: String, wait: Duration?)?
        open = open.filter { index in
            guard index < answers.count, case .later(let reason, let wait) = answers[index] else { return false }
            later = (reason, max(wait ?? .zero, later?.wait ?? .zero))
            return true
        }
        return later
    }

    private func settle(_ batch: [OutcomeMailbox.Ended], _ reports: [TaskReport], _ answers: [Acknowledgement]?) {
        var events: [TaskEvent] = []
        var change = RunSummary()
        let tellsSuccesses = bus.wants(.taskSuccesses)
        for (index, report) in reports.enumerated() {
            let answer = answers.map { index < $0.count ? $0[index] : .rejected(reason: "no acknowledgement came") }
            if case .accepted = answer, case .succeeded = report.outcome, !tellsSuccesses {
                change.completed += 1
            } else {
                events.append(event(for: batch[index], report, answer, &change))
            }
        }
        summaryState.withLock { summary in
            summary.completed += change.completed
            summary.failed += change.failed
            summary.retried += change.retried
            summary.released += change.released
            summary.leasesLost += change.leasesLost
        }
        if !events.isEmpty { bus.emit(events) }
        attemptEnded.fire()
        let held = Self.counted(holdings.remove(batch))
        for (proxy, count) in Self.counted(batch) {
            proxy.tasksSettled(count, held: held.first { $0.proxy === proxy }?.count ?? 0)
        }
    }

    private func event(
        for ended: OutcomeMailbox.Ended, _ report: TaskReport, _ answer: Acknowledgement?, _ change: inout RunSummary
    ) -> TaskEvent {
        let task = ended.outcome.leased.task
        switch answer {
        case .accepted: break
        case .leaseLost:
            change.leasesLost += 1
            return .released(task, reason: "the lease was lost; the outcome was not taken")
        case .rejected(let reason):
            logger.error(
                "the TaskManager refused an outcome", metadata: ["task": "\(task.id)", "reason": "\(reason)"])
            return .released(task, reason: "the outcome was refused: \(reason)")
        case .later(let reason, _): return .released(task, reason: "the outcome could not be reported: \(reason)")
        case nil: return .released(task, reason: "the outcome could not be reported")
        }
        switch report.outcome {
        case .succeeded(let result):
            change.completed += 1
            return .completed(task, result, report.attempt)
        case .failed(let failure):
            change.failed += 1
            return .failed(task, failure, report.attempt)
        case .retry(let failure, _) where ended.isGivenUp:
            change.released += 1
            return .released(
                task,
                reason: "the host stops; it waited for its next attempt, and its last failure was reported: \(failure)")
        case .retry(let failure, let delay):
            change.retried += 1
            return .retrying(task, failure, report.attempt, after: delay)
        case .released(let reason, _):
            change.released += 1
            return .released(task, reason: reason)
        }
    }
}
