import WorkerHostCore

/// What `validate` found.
struct ValidationReport {
    private let errors: [ConfigurationIssue]
    private let warnings: [ConfigurationIssue]
    private let workers: [WorkerCheck]

    /// A configuration that could be read; its workers are looked at.
    init(_ loaded: LoadedConfiguration) {
        errors = []
        warnings = loaded.warnings
        workers = loaded.configuration.workers.map { WorkerCheck($0, security: loaded.configuration.security) }
    }

    /// A configuration that could not be read.
    init(_ error: ConfigurationError) {
        errors = error.issues
        warnings = []
        workers = []
    }

    /// Whether nothing is wrong.
    var isValid: Bool { errors.isEmpty && workers.allSatisfy(\.isUsable) }

    /// The report for people.
    func lines(file: String, terminal: Terminal) -> [String] {
        var lines: [String] = []
        for issue in errors { lines.append("\(Colour.red.paint("error", on: terminal))    \(text(issue))") }
        for issue in warnings { lines.append("\(Colour.yellow.paint("warning", on: terminal))  \(text(issue))") }
        for worker in workers {
            let colour = worker.isUsable ? Colour.green : .red
            let mark = colour.paint(worker.isUsable ? "ok" : "error", on: terminal)
            lines.append(
                "\(mark)\(String(repeating: " ", count: worker.isUsable ? 7 : 4))worker '\(worker.name)': "
                    + PlainText.singleLine(worker.problems.isEmpty ? worker.summary : worker.problems[0]))
            for problem in worker.problems.dropFirst() { lines.append("         \(PlainText.singleLine(problem))") }
        }
        let wrong = errors.count + workers.count { !$0.isUsable }
        lines.append(
            wrong == 0
                ? "\(file): \(HumanText.count(workers.count, "worker")), \(HumanText.count(warnings.count, "warning")), no errors."
                : "\(file): \(HumanText.count(wrong, "error")).")
        return lines
    }

    private func text(_ issue: ConfigurationIssue) -> String { PlainText.singleLine(issue.description) }

    /// The report as one JSON object.
    func json(file: String) -> [UInt8] {
        var object = JSONObjectText()
        object.text("file", file)
        object.flag("valid", isValid)
        object.array("errors", errors.map(Self.json))
        object.array("warnings", warnings.map(Self.json))
        object.array(
            "workers",
            workers.map { worker in
                var line = JSONObjectText()
                line.text("name", worker.name)
                line.flag("usable", worker.isUsable)
                line.array(
                    "problems",
                    worker.problems.map { problem in
                        var bytes: [UInt8] = []
                        JSONObjectText.append(problem, to: &bytes)
                        return bytes
                    })
                return line.finished
            })
        return object.finished
    }

    /// An issue as one JSON object.
    static func json(_ issue: ConfigurationIssue) -> [UInt8] {
        var object = JSONObjectText()
        object.text("file", issue.file)
        object.number("line", issue.line)
        object.number("column", issue.column)
        object.text("key", issue.keyPath)
        object.text("message", issue.message)
        object.text("expected", issue.expectation)
        object.text("suggestion", issue.suggestion)
        return object.finished
    }
}
