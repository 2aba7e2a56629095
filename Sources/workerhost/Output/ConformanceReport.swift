import WorkerHostCore

/// What the checks of a worker found, for people and as JSON.
struct ConformanceReport {
    private let conformance: WorkerConformance
    private let expected: Int
    private let isStrict: Bool
    private(set) var findings: [ConformanceFinding] = []
    private let nameWidth = (WorkerConformance.checks.map(\.name.count).max() ?? 0) + 2

    /// - Parameter expected: about how many tasks the worker will be given.
    init(_ conformance: WorkerConformance, expected: Int, isStrict: Bool) {
        self.conformance = conformance
        self.expected = expected
        self.isStrict = isStrict
    }

    mutating func add(_ finding: ConformanceFinding) { findings.append(finding) }

    private var worker: WorkerConfiguration { conformance.worker }

    /// What is going to be done.
    func head(_ terminal: Terminal) -> [String] {
        let mode = worker.mode.rawValue + (worker.format == .msgpack && worker.mode == .pool ? ", msgpack" : "")
        let params = PlainText.cut(PlainText.singleLine(conformance.task.params.text), to: 60)
        let source =
            switch conformance.task.source {
            case .given: ""
            case .schema: ", made after its schema"
            case .empty: "; give it a real task with --params"
            }
        var lines = [
            Colour.bold.paint("Worker '\(PlainText.singleLine(worker.name))'", on: terminal)
                + " (\(mode)): \(PlainText.singleLine(worker.commandLine.joined(separator: " ")))",
            "Its code really runs, about \(HumanText.count(expected, "time")), with all that it does: "
                + "type \(PlainText.singleLine(conformance.task.type)), params \(params)\(source)",
        ]
        if worker.mode == .fork {
            lines.append("mode: fork is tried as oneshot: a forked child keeps to the same rules, for one task")
        }
        return lines + [""]
    }

    /// One line, and advice below it.
    func lines(_ finding: ConformanceFinding, _ terminal: Terminal) -> [String] {
        let mark = finding.status.rawValue
        let padding = String(repeating: " ", count: 9 - mark.count)
        let name = finding.check + String(repeating: " ", count: max(1, nameWidth - finding.check.count))
        var lines = [
            colour(finding.status).paint(mark, on: terminal) + padding + name + PlainText.singleLine(finding.message)
        ]
        if let advice = finding.advice {
            lines.append("         " + Colour.faint.paint("-> \(PlainText.singleLine(advice))", on: terminal))
        }
        return lines
    }

    /// The sum.
    /// - Parameter isComplete: whether nobody ended the checks.
    func summary(isComplete: Bool) -> String {
        func count(_ status: ConformanceFinding.Status) -> Int { findings.count { $0.status == status } }
        let checks = HumanText.count(findings.count, "check") + (isComplete ? "" : " before the end was asked for")
        let skipped = count(.skipped)
        var parts: [String] = []
        if count(.failed) > 0 { parts.append("\(count(.failed)) failed") }
        if count(.warning) > 0 { parts.append(HumanText.count(count(.warning), "warning")) }
        if parts.isEmpty { parts.append(skipped == findings.count ? "none was made" : "all is well") }
        if skipped > 0 { parts.append("\(skipped) skipped") }
        return "\(checks): \(parts.joined(separator: ", "))."
    }

    private func colour(_ status: ConformanceFinding.Status) -> Colour {
        switch status {
        case .ok: .green
        case .warning: .yellow
        case .failed: .red
        case .skipped: .faint
        }
    }

    /// One JSON object.
    /// - Parameter isComplete: whether nobody ended the checks.
    func json(isComplete: Bool) -> [UInt8] {
        var object = JSONObjectText()
        object.text("worker", worker.name)
        object.text("mode", worker.mode.rawValue)
        object.text("tried_as", conformance.mode.rawValue)
        object.text("format", worker.format.rawValue)
        object.array("command", worker.commandLine.map(JSONObjectText.string))
        object.text("type", conformance.task.type)
        object.raw("params", conformance.task.params)
        object.text("params_source", conformance.task.source.rawValue)
        object.number("tasks", findings.reduce(0) { $0 + $1.tasks })
        object.flag("complete", isComplete)
        object.flag(
            "passed", isComplete && !findings.contains { $0.status == .failed || (isStrict && $0.status == .warning) })
        object.object("counts") { counts in
            for status in ConformanceFinding.Status.allCases {
                counts.number(status.rawValue, findings.count { $0.status == status })
            }
        }
        object.array("checks", findings.map(Self.json))
        return object.finished
    }

    private static func json(_ finding: ConformanceFinding) -> [UInt8] {
        var object = JSONObjectText()
        object.text("name", finding.check)
        object.text("status", finding.status.rawValue)
        object.text("message", finding.message)
        object.text("advice", finding.advice)
        object.number("tasks", finding.tasks)
        object.seconds("seconds", finding.duration)
        object.object("facts") { facts in
            for (name, fact) in finding.facts.sorted(by: { $0.key < $1.key }) { facts.add(name, fact) }
        }
        return object.finished
    }
}
