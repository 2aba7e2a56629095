import WorkerHostCore

/// Shows a trial while it runs: for people on standard output, each line as soon as it is there; for programs only the
/// worker's standard error, on standard error.
@MainActor
final class TrialOutput {
    /// So many bytes of a document are laid out at most.
    private static let looksAt = 64 << 10

    private let trial: Trial
    private let worker: WorkerConfiguration
    private let limit: Duration?
    private let output = StandardOutput()
    private let terminal = Terminal.output
    private var startedAt: ContinuousClock.Instant?

    /// - Parameters:
    ///   - worker: as it is started.
    ///   - limit: the longest it may run; nil for no limit.
    init(_ trial: Trial, worker: WorkerConfiguration, limit: Duration?) {
        self.trial = trial
        self.worker = worker
        self.limit = limit
    }

    private var isJSON: Bool { trial.options.json }

    /// What will be done.
    func begin(hint: String?, takesTerminal: Bool) throws {
        for note in trial.notes where isJSON { Talk.shared.line("workerhost: \(note)") }
        guard !isJSON else { return }
        let task = trial.task
        let most = worker.retry.maxAttempts
        try title(
            "Task \(PlainText.singleLine(task.id)), type \(PlainText.singleLine(task.type)), "
                + "attempt \(task.metadata.attempt) of \(most) by worker '\(worker.name)'")
        try fact("command", PlainText.singleLine(CommandWords.joined(worker.commandLine)))
        try fact("directory", PlainText.singleLine(worker.projectPath))
        try fact("timeout", timeoutText)
        for note in trial.notes { try fact("note", note) }
        if takesTerminal {
            let file = worker.environment[WorkerDebugger.inputVariable] ?? ""
            try fact("task", "\(file) (also $\(WorkerDebugger.inputVariable))")
            try fact("terminal", "standard input and output are yours" + (hint.map { "; \($0)" } ?? ""))
            try output.line("")
        } else {
            let input = SingleRun.input(for: task)
            try output.line("")
            try title("Standard input, \(HumanText.count(input.count, "byte"))")
            try document(input[...])
            try output.line("")
        }
        try output.flush()
    }

    /// One event of the attempt.
    func show(_ event: SingleRun.Event) throws {
        switch event {
        case .started(let pid):
            startedAt = .now
            guard !isJSON else { return }
            try title("Running as process \(pid)")
        case .errorLines(let lines):
            if isJSON {
                for line in lines { Talk.shared.line(PlainText.singleLine(line)) }
                return
            }
            for line in lines {
                try output.line("  stderr | \(Colour.faint.paint(PlainText.singleLine(line), on: terminal))")
            }
        case .incident(let incident):
            guard !isJSON else { return }
            let after = startedAt.map { HumanText.duration(.now - $0) } ?? ""
            try output.line("  host   | \(Colour.yellow.paint("after \(after): \(incident.message)", on: terminal))")
        case .outputBegan: return
        }
        try output.flush()
    }

    /// What came of it.
    func end(_ report: TrialReport) throws {
        if isJSON {
            try output.write(TrialJSON(report).bytes)
            try output.line("")
            return try output.flush()
        }
        if report.lostLines > 0 {
            try output.line(
                "  stderr | … \(HumanText.count(report.lostLines, "line")) came faster than they could be shown")
        }
        if startedAt != nil { try output.line("") }
        let transcript = report.transcript
        if trial.options.raw {
            try title("Standard output, \(HumanText.count(transcript.outputCount, "byte"))")
            try document(transcript.output[...])
            try output.line("")
        } else {
            try stray(transcript)
            if let reply = transcript.reply {
                try title("Reply, \(HumanText.count(reply.count, "byte"))")
                try document(reply[...])
                try output.line("")
            }
        }
        for line in report.lines(terminal) { try output.line(line) }
        try output.flush()
    }

    /// The end of a worker that had the terminal.
    func end(_ end: TerminalRun.End) throws {
        if case .notStarted(let reason) = end.ending {
            Talk.shared.line("workerhost: \(PlainText.singleLine(reason))")
            return
        }
        try output.line("")
        try title("Ended: \(end.ending) after \(HumanText.duration(end.wallTime))")
        try output.line("  What the worker replied went to the terminal; it is not judged, and nothing was reported.")
        try output.flush()
    }

    private var timeoutText: String {
        guard let limit, limit < .seconds(365 * 86_400) else { return "none" }
        return "\(HumanText.duration(limit)), then SIGTERM; SIGKILL after \(HumanText.duration(worker.stopGrace)) more"
    }

    private func stray(_ transcript: AttemptTranscript) throws {
        guard !transcript.strayLines.isEmpty else { return }
        try title(
            "Standard output that is no reply, \(HumanText.count(transcript.strayLines.count, "line")): "
                + "print to standard error")
        let shown = 30
        for line in transcript.strayLines.prefix(shown) {
            try output.line("  \(PlainText.cut(PlainText.singleLine(line), to: 300))")
        }
        if transcript.strayLines.count > shown { try output.line("  … (--raw shows all of it)") }
        try output.line("")
    }

    private func title(_ text: String) throws { try output.line(Colour.bold.paint(text, on: terminal)) }

    private func fact(_ name: String, _ value: String) throws {
        try output.line("  \(name)\(String(repeating: " ", count: max(1, 11 - name.count)))\(value)")
    }

    private func document(_ bytes: ArraySlice<UInt8>) throws {
        if trial.options.raw {
            try output.write(bytes)
            if bytes.last != 0x0A { try output.line("") }
            return
        }
        let begin = bytes.prefix(Self.looksAt)
        let pretty = PrettyJSON(begin, mostLines: 40, longestLine: 300)
        for line in pretty.lines { try output.line("  \(PlainText.singleLine(line))") }
        if pretty.isCut || begin.count < bytes.count {
            try output.line("  … (\(HumanText.bytes(Int64(bytes.count))) in all; --raw shows it)")
        }
    }
}
