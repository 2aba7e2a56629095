import WorkerHostCore

/// What came of a trial.
struct TrialReport {
    let trial: Trial
    let transcript: AttemptTranscript
    let verdict: Verdict
    /// Lines of standard error that came faster than they could be shown.
    let lostLines: Int
    let isRaw: Bool
    let comparison: ReplayComparison?

    /// Why it failed; nil if it did not.
    var failure: TaskFailure? {
        if case .failure(let failure) = transcript.outcome.result { failure } else { nil }
    }

    /// For people.
    func lines(_ terminal: Terminal) -> [String] {
        var lines = [
            Colour.bold.paint("Outcome: ", on: terminal) + verdict.colour.paint(verdict.text, on: terminal)
        ]
        if let failure { lines += self.lines(of: failure) }
        if case .notStarted = transcript.ending {
        } else {
            lines.append(fact("ended", ended))
            lines.append(fact("took", time))
            lines.append(fact("used", usage))
        }
        if let comparison { lines += [""] + comparison.lines(terminal) }
        return lines
    }

    private func lines(of failure: TaskFailure) -> [String] {
        var lines = [
            fact("why", "\(PlainText.singleLine(failure.type)): \(PlainText.singleLine(failure.message))"),
            fact("kind", failure.kind.name.replacing("_", with: " ")),
        ]
        // One that was written to standard error has been shown already.
        if let traceback = failure.traceback, transcript.reply != nil {
            lines.append(fact("traceback", ""))
            lines += PlainText.multiLine(traceback).split(separator: "\n").map { "    \($0)" }
        }
        return lines
    }

    private var ended: String {
        guard transcript.stopReason != nil else { return "by itself, \(transcript.ending)" }
        let what = transcript.outcome.record.incidents.filter { ["terminating", "killed"].contains($0.kind) }
        let start = transcript.outcome.record.startedAt ?? transcript.outcome.record.endedAt
        let steps = what.map { incident in
            "\(incident.kind == "killed" ? "SIGKILL" : "SIGTERM") after "
                + HumanText.duration(start.duration(to: max(start, incident.at)))
        }
        return "by the host, \(steps.joined(separator: ", ")): \(transcript.ending)"
    }

    private var time: String {
        let all = HumanText.duration(transcript.wallTime)
        guard let first = transcript.timeToFirstByte else { return "\(all), nothing on standard output" }
        return "\(all), first byte on standard output after \(HumanText.duration(first))"
    }

    private var usage: String {
        let usage = transcript.outcome.record.usage
        var parts: [String] = []
        if let usage {
            parts.append("\(HumanText.duration(usage.userTime + usage.systemTime)) of processor time")
        }
        if let peak = transcript.peakMemory {
            let source = peak.source == .sampled ? ", as seen every 10 ms" : ""
            parts.append("\(HumanText.bytes(peak.bytes)) of memory at its peak\(source)")
        } else {
            parts.append("too short to see its memory")
        }
        return parts.joined(separator: ", ")
    }

    private func fact(_ name: String, _ value: String) -> String {
        "  \(name)\(String(repeating: " ", count: max(1, 11 - name.count)))\(value)"
    }
}
