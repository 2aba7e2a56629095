import WorkerHostCore

/// What is said at the end of `run --until-idle`.
struct RunReport {
    private let summary: RunSummary
    private let elapsed: Duration
    private let stoppedBy: String?
    private let losses: [String: Int]

    /// A report of one run.
    init(_ summary: RunSummary, elapsed: Duration, stoppedBy: String?, losses: [String: Int]) {
        self.summary = summary
        self.elapsed = elapsed
        self.stoppedBy = stoppedBy
        self.losses = losses
    }

    /// Whether a task failed for good, or tasks are left that cannot be run.
    var hasFailed: Bool {
        summary.failed > 0 || (stoppedBy == nil && isBlocked)
    }

    /// Where the TaskManager does not tell how many wait, a worker that could not be started to the end is enough.
    private var isBlocked: Bool { !summary.unavailableWorkers.isEmpty && (summary.waiting ?? 1) > 0 }

    /// One line, and one for each worker that could not be started.
    var lines: [String] {
        let done = summary.completed + summary.failed
        var parts = ["\(HumanText.count(summary.completed)) completed"]
        if summary.failed > 0 { parts.append("\(HumanText.count(summary.failed)) failed") }
        if summary.retried > 0 { parts.append("\(HumanText.count(summary.retried)) retried") }
        if summary.released > 0 { parts.append("\(HumanText.count(summary.released)) given back") }
        if summary.leasesLost > 0 { parts.append("\(HumanText.count(summary.leasesLost)) too late") }
        var line = "workerhost: \(parts.joined(separator: ", ")) in \(HumanText.duration(elapsed))"
        if done > 0, elapsed.inSeconds > 0.01 {
            line += " (\(HumanText.rate(Double(done) / elapsed.inSeconds)))"
        }
        if let stoppedBy { line += "; stopped by \(stoppedBy)" }
        if let waiting = summary.waiting, waiting > 0 { line += "; \(HumanText.count(waiting, "task")) still waiting" }
        var lines = [line]
        if summary.failed > 0 {
            lines.append(
                "workerhost: 'workerhost dead-letters' says what failed and of what, 'explain ID' tells one's story.")
        }
        for (worker, reason) in summary.unavailableWorkers.sorted(by: { $0.key < $1.key }) {
            // The reason names the worker itself.
            let what = reason.trimmingPrefix("cannot start worker '\(worker)': ")
            lines.append("workerhost: worker '\(worker)' cannot be started: \(PlainText.singleLine(String(what)))")
        }
        for (observer, count) in losses.sorted(by: { $0.key < $1.key }) where count > 0 {
            lines.append("workerhost: \(observer) was too slow and missed \(HumanText.count(count, "event")).")
        }
        return lines
    }
}
