import WorkerHostCore
import WorkerHostSQLite

/// A replayed attempt beside the stored one.
struct ReplayComparison {
    /// What no replay can bring back.
    static let limits =
        "configuration, code, packages, files, databases, services and the clock are today's"

    private let stored: StoredAttempt
    private let transcript: AttemptTranscript
    private let verdict: Verdict

    init(stored: StoredAttempt, transcript: AttemptTranscript, verdict: Verdict) {
        self.stored = stored
        self.transcript = transcript
        self.verdict = verdict
    }

    private var failure: TaskFailure? {
        if case .failure(let failure) = transcript.outcome.result { failure } else { nil }
    }

    /// Whether both ended alike; nil where there is nothing to compare with.
    private var isSameOutcome: Bool? { stored.status.map { $0 == verdict.status } }

    private enum ResultComparison {
        case sameBytes
        case sameValue
        case different([String], more: Bool)
    }

    private var results: ResultComparison? {
        guard case .completed(let before) = stored.ending, case .success(let now) = transcript.outcome.result else {
            return nil
        }
        if now.value == before { return .sameBytes }
        do throws(JSONError) {
            let difference = JSONDifference(now: try JSONValue(now.value), before: try JSONValue(before))
            return difference.places.isEmpty ? .sameValue : .different(difference.places, more: difference.hasMore)
        } catch {
            // Both were checked when they were taken.
            return .different(["\(error)"], more: false)
        }
    }

    // MARK: - For people

    func lines(_ terminal: Terminal) -> [String] {
        var lines = [Colour.bold.paint("Compared with attempt \(stored.number) as it is stored", on: terminal)]
        switch isSameOutcome {
        case nil: lines.append(fact("outcome", "nothing to compare: \(stored.text)"))
        case true?: lines.append(fact("outcome", Colour.green.paint("the same: \(stored.text)", on: terminal)))
        case false?: lines.append(fact("outcome", Colour.yellow.paint("another one: \(stored.text)", on: terminal)))
        }
        lines += resultLines + failureLines
        if let took = stored.took {
            lines.append(fact("took", "\(HumanText.duration(transcript.wallTime)), was \(HumanText.duration(took))"))
        }
        lines.append(fact("beware", Self.limits))
        return lines
    }

    private var resultLines: [String] {
        switch results {
        case nil: []
        case .sameBytes?: [fact("result", "the same, byte for byte")]
        case .sameValue?: [fact("result", "the same values, written differently")]
        case .different(let places, let more)?:
            [fact("result", "another one")] + places.map { "    \($0)" } + (more ? ["    …"] : [])
        }
    }

    private var failureLines: [String] {
        guard let now = failure else {
            return stored.failure.map { [fact("error", "none, was \(Self.text($0.type, $0.message))")] } ?? []
        }
        guard let before = stored.failure else {
            guard stored.status != .completed, let message = stored.message else { return [] }
            return [fact("error", "was: \(PlainText.singleLine(message))")]
        }
        var lines = [
            fact(
                "error",
                now.type == before.type && now.message == before.message
                    ? "the same: \(Self.text(now.type, now.message))"
                    : "\(Self.text(now.type, now.message)), was \(Self.text(before.type, before.message))")
        ]
        if now.kind.name != before.kind {
            lines.append(
                fact("kind", "\(now.kind.name), was \(before.kind)".replacing("_", with: " ")))
        }
        let code = (now.exitCode.map(Int.init), before.exitCode)
        if code.0 != code.1 { lines.append(fact("exit code", "\(Self.text(code.0)), was \(Self.text(code.1))")) }
        return lines
    }

    private static func text(_ type: String, _ message: String) -> String {
        "\(PlainText.singleLine(type)): \(PlainText.cut(PlainText.singleLine(message), to: 200))"
    }

    private static func text(_ code: Int?) -> String { code.map { String($0) } ?? "none" }

    private func fact(_ name: String, _ value: String) -> String {
        "  \(name)\(String(repeating: " ", count: max(1, 11 - name.count)))\(value)"
    }

    // MARK: - For programs

    var json: [UInt8] {
        var object = JSONObjectText()
        object.number("attempt", stored.number)
        object.text("stored_status", stored.status?.rawValue)
        object.text("stored_message", stored.message)
        object.raw("stored_error", bytes: StoredTaskText.error(stored.failure, advice: nil))
        object.seconds("stored_seconds", stored.took)
        object.flag("same_outcome", isSameOutcome)
        switch results {
        case nil:
            object.flag("same_result", nil)
            object.array("differences", [])
        case .sameBytes?, .sameValue?:
            object.flag("same_result", true)
            object.array("differences", [])
        case .different(let places, _)?:
            object.flag("same_result", false)
            object.array("differences", places.map(TrialJSON.text))
        }
        if let before = stored.failure {
            object.flag("same_error", failure.map { $0.type == before.type && $0.message == before.message } ?? false)
            object.flag("same_exit_code", failure?.exitCode.map(Int.init) == before.exitCode)
        } else {
            object.flag("same_error", nil)
            object.flag("same_exit_code", nil)
        }
        return object.finished
    }
}
