import WorkerHostCore

/// A trial as one JSON object.
struct TrialJSON {
    private let report: TrialReport
    private let transcript: AttemptTranscript

    init(_ report: TrialReport) {
        self.report = report
        transcript = report.transcript
    }

    /// The object.
    var bytes: [UInt8] {
        let task = report.trial.task
        let record = transcript.outcome.record
        var object = JSONObjectText()
        object.text("id", task.id)
        object.text("type", task.type)
        object.text("worker", record.worker)
        object.number("attempt", task.metadata.attempt)
        object.number("max_attempts", report.trial.worker.retry.maxAttempts)
        object.array("command", transcript.commandLine.map(Self.text))
        object.text("program", transcript.program)
        object.text("directory", transcript.directory)
        object.array("environment", transcript.environmentNames.map(Self.text))
        object.seconds("timeout_seconds", transcript.timeout)
        object.array("notes", report.trial.notes.map(Self.text))
        object.raw("stdin", bytes: transcript.input.dropLast())
        object.number("stdin_bytes", transcript.input.count)
        object.text("stderr", transcript.standardErrorTail)
        object.number("stdout_bytes", transcript.outputCount)
        object.array("stray_stdout", transcript.strayLines.map(Self.text))
        object.raw("reply", bytes: transcript.reply ?? RawJSON.null.bytes)
        ending(&object)
        object.time("started_at", record.startedAt)
        object.time("ended_at", record.endedAt)
        object.array("incidents", record.incidents.map(Self.incident))
        costs(&object)
        outcome(&object)
        object.raw("comparison", bytes: report.comparison?.json ?? RawJSON.null.bytes)
        return object.finished
    }

    private func ending(_ object: inout JSONObjectText) {
        var code: Int32?
        var signal: Int32?
        switch transcript.ending {
        case .exited(let number): code = number
        case .signaled(let number): signal = number
        case .notStarted, .abandoned, .unknown: break
        }
        object.number("pid", transcript.outcome.record.pid.map(Int.init))
        object.text("ending", transcript.ending.description)
        object.number("exit_code", code.map(Int.init))
        object.number("signal", signal.map(Int.init))
        object.text("stopped_for", transcript.stopReason?.rawValue)
    }

    private func costs(_ object: inout JSONObjectText) {
        let usage = transcript.outcome.record.usage
        object.seconds("wall_seconds", transcript.wallTime)
        object.seconds("first_byte_seconds", transcript.timeToFirstByte)
        object.seconds("user_seconds", usage?.userTime)
        object.seconds("system_seconds", usage?.systemTime)
        object.number("peak_memory_bytes", transcript.peakMemory.map { Int($0.bytes) })
        object.text("peak_memory_source", transcript.peakMemory?.source.rawValue)
    }

    private func outcome(_ object: inout JSONObjectText) {
        object.object("outcome") { outcome in
            outcome.text("status", report.verdict.status.rawValue)
            outcome.text("text", report.verdict.text)
            outcome.seconds("retry_within_seconds", report.verdict.retryWithin)
            if case .success(let result) = transcript.outcome.result {
                outcome.raw("result", result.value)
                outcome.raw("logs", result.logs)
            } else {
                outcome.raw("result", nil)
                outcome.raw("logs", nil)
            }
            outcome.raw("error", bytes: Self.error(report.failure))
        }
    }

    private static func error(_ failure: TaskFailure?) -> [UInt8] {
        guard let failure else { return RawJSON.null.bytes }
        var object = JSONObjectText()
        object.text("kind", failure.kind.name)
        object.text("type", failure.type)
        object.text("message", failure.message)
        object.text("traceback", failure.traceback)
        object.flag("retriable", failure.isRetriable)
        return object.finished
    }

    private static func incident(_ incident: Incident) -> [UInt8] {
        var object = JSONObjectText()
        object.time("at", incident.at)
        object.text("kind", incident.kind)
        object.text("message", incident.message)
        return object.finished
    }

    /// A text as JSON.
    static func text(_ text: String) -> [UInt8] {
        var bytes: [UInt8] = []
        JSONObjectText.append(text, to: &bytes)
        return bytes
    }
}
