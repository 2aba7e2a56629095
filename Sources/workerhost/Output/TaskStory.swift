import WorkerHostCore
import WorkerHostSQLite

/// One task's story for `explain`.
struct TaskStory {
    let task: StoredTask
    let timeline: [TimelineEntry]
    /// The worker that runs tasks of the type now; nil if none is configured.
    let worker: WorkerConfiguration?
    let hosts: [QueueOverview.HostOverview]
    /// What those hosts have left about themselves.
    var records: [HostRecord] = []
    var now = Timestamp.now

    /// One JSON object: the task, its timeline, what follows, and what `addMore` adds.
    func json(_ addMore: (inout JSONObjectText) -> Void = { _ in }) -> [UInt8] {
        var object = StoredTaskText.json(task)
        object.number("max_attempts", worker?.retry.maxAttempts)
        object.text("next", NextStep(self).text)
        object.array(
            "timeline",
            timeline.map { entry in
                var line = JSONObjectText()
                line.time("at", entry.at)
                line.number("attempt", entry.attempt)
                line.text("kind", entry.kind)
                line.text("message", entry.message)
                return line.finished
            })
        addMore(&object)
        return object.finished
    }

    /// The story for people.
    func lines(terminal: Terminal) -> [String] {
        var lines = [heading(terminal), "  \(NextStep(self).text)", ""]
        lines += facts()
        lines += ["", title("What happened (UTC)", terminal)]
        lines += history(terminal)
        if task.status != .completed, let failure = task.failure { lines += self.failure(failure, terminal) }
        if let result = task.result, task.status == .completed {
            lines += ["", title("Result", terminal), "  \(Self.short(result))"]
        }
        if let advice = NextStep(self).advice {
            lines += ["", title("What to do", terminal), "  \(PlainText.singleLine(advice))"]
        }
        return lines
    }

    /// Whether its running attempt is to be ended.
    var hasCancelRequest: Bool {
        guard task.status == .running, let claimedAt = task.claimedAt else { return false }
        return timeline.contains { $0.kind == "cancel_requested" && $0.at >= claimedAt }
    }

    private func title(_ text: String, _ terminal: Terminal) -> String { Colour.bold.paint(text, on: terminal) }

    private func heading(_ terminal: Terminal) -> String {
        let state = task.status.rawValue
        let painted = StoredTaskText.colour(state)?.paint(state, on: terminal) ?? state
        return title("Task \(task.id), type \(PlainText.singleLine(task.type)): ", terminal) + painted
    }

    private func facts() -> [String] {
        var facts: [(String, String)] = [("params", Self.short(task.params))]
        let most = worker.map { " of \($0.retry.maxAttempts)" } ?? ""
        facts.append(("attempts", "\(task.attempts)\(most)"))
        if let name = task.worker, !name.isEmpty {
            facts.append(("worker", PlainText.singleLine(name) + (task.pid.map { ", process \($0)" } ?? "")))
        } else if let worker {
            facts.append(("worker", "\(worker.name) (as configured now)"))
        } else {
            facts.append(("worker", "none is configured for this type"))
        }
        if let progress = task.progress {
            let age = HumanText.duration(progress.at.duration(to: max(now, progress.at)))
            facts.append(("progress", "\(PlainText.singleLine(StoredTaskText.progress(progress))), \(age) ago"))
        }
        if task.priority != 0 { facts.append(("priority", String(task.priority))) }
        if let key = task.dedupeKey { facts.append(("dedupe key", PlainText.singleLine(key))) }
        if let deadline = task.deadline { facts.append(("deadline", HumanText.time(deadline))) }
        if task.deaths > 0 {
            facts.append(("deaths", "\(task.deaths) times its process crashed or its host went silent"))
        }
        if let started = task.startedAt, let finished = task.finishedAt, finished >= started {
            facts.append(("last run", "took \(HumanText.duration(started.duration(to: finished)))" + usage()))
        }
        return facts.map { name, value in "  \(name)\(String(repeating: " ", count: 12 - name.count))\(value)" }
    }

    private func usage() -> String {
        guard let usage = task.usage else { return "" }
        let processor = HumanText.duration(usage.userTime + usage.systemTime)
        let memory = usage.peakMemory.map { ", at most \(HumanText.bytes($0)) of memory" } ?? ""
        return ", \(processor) of processor time\(memory)"
    }

    private func history(_ terminal: Terminal) -> [String] {
        let table = Table(columns: [
            .init("time"), .init("after", isNumeric: true), .init("attempt"), .init("what"), .init("why"),
        ])
        var last: Timestamp?
        let rows = timeline.map { entry in
            let after = last.map { "+" + HumanText.duration($0.duration(to: max($0, entry.at))) } ?? ""
            last = entry.at
            return [
                "  " + HumanText.time(entry.at), after, entry.attempt == 0 ? "" : "#\(entry.attempt)",
                entry.kind.replacing("_", with: " "), entry.message,
            ]
        }
        // Nothing is cut here: the reasons are what the command is for.
        return table.lines(rows, width: nil, terminal: terminal, withTitles: false)
    }

    private func failure(_ failure: StoredTask.Failure, _ terminal: Terminal) -> [String] {
        var lines = ["", title("Why the last attempt failed", terminal)]
        let code = failure.exitCode.map { ", exit code \($0)" } ?? ""
        lines.append("  \(PlainText.singleLine(failure.type)): \(PlainText.singleLine(failure.message))")
        lines.append("  (\(failure.kind.replacing("_", with: " "))\(code))")
        if let traceback = failure.traceback, !traceback.isEmpty {
            lines += ["", title("Traceback", terminal)] + Self.indented(traceback)
        }
        if let tail = failure.standardErrorTail, !tail.isEmpty {
            lines += ["", title("Last lines on standard error", terminal)] + Self.indented(tail)
        }
        return lines
    }

    private static func indented(_ text: String) -> [String] {
        PlainText.multiLine(text).split(separator: "\n", omittingEmptySubsequences: false).map { "  \($0)" }
    }

    /// The beginning of a JSON value.
    private static func short(_ value: RawJSON) -> String {
        let limit = 2000
        let text = PlainText.singleLine(String(decoding: value.bytes.prefix(limit), as: UTF8.self))
        guard value.bytes.count > limit else { return text }
        return text + "… (\(HumanText.bytes(Int64(value.bytes.count))) in all; --json shows it)"
    }
}
