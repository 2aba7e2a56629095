import WorkerHostCore
import WorkerHostSQLite

/// Waits for the tasks of a submission and prints what became of each, in the order they were added.
@MainActor
struct SubmissionWait {
    private let submission: Submission

    init(_ submission: Submission) {
        self.submission = submission
    }

    /// Waits for all of them; tells how many failed.
    func run() async throws -> Int {
        let ids = submission.ids
        if try await submission.queue.overview().hosts.isEmpty, !ids.isEmpty {
            Talk.shared.line("workerhost: no host is at work on this queue; waiting for one ('workerhost run').")
        }
        let seen = SeenCounts()
        // Few: as soon as each ends. Many: some at a time, so that looking costs little.
        let step = min(64, max(1, ids.count / 100))
        return try await ProgressDisplay.during({ seen.snapshot(of: ids.count) }) {
            var failed = 0
            for start in stride(from: 0, to: ids.count, by: step) {
                let tasks = try await submission.queue.waitUntilFinished(
                    Array(ids[start..<min(start + step, ids.count)]))
                for task in tasks {
                    if task.status == .failed { failed += 1 }
                    try show(task)
                }
                try submission.output.flush()
                seen.set(done: start + tasks.count, failed: failed)
            }
            return failed
        }
    }

    private func show(_ task: StoredTask) throws {
        if submission.isJSON {
            var line = JSONObjectText()
            line.text("id", task.id)
            line.text("status", task.status.rawValue)
            if task.status == .completed {
                line.raw("result", task.result)
            } else {
                line.raw("error", bytes: StoredTaskText.error(task))
            }
            try submission.output.write(line.finished)
            try submission.output.line("")
        } else if task.status == .completed {
            try submission.output.write(task.result?.bytes ?? [])
            try submission.output.line("")
        } else {
            let what = task.failure.map { "\($0.type): \($0.message)" } ?? "no reason is known"
            Talk.shared.line("workerhost: task \(task.id) failed: \(PlainText.singleLine(what))")
        }
    }
}
