/// What one look of the ``Doctor`` came to: one line, and what to do about it.
public struct Diagnosis: Sendable, Hashable {
    /// How bad it is.
    public enum Status: String, Sendable, Hashable, CaseIterable {
        /// Nothing to do.
        case ok
        /// Works, but somebody should know.
        case warning
        /// Tasks would fail, wait for ever or be lost.
        case problem
    }

    /// A value that was found on the way, for programs.
    public enum Fact: Sendable, Hashable {
        /// A text.
        case text(String)
        /// A whole number.
        case number(Int)
        /// A time in seconds.
        case seconds(Double)
        /// Yes or no.
        case flag(Bool)
        /// Several texts.
        case list([String])
    }

    /// Which check it was, for programs: `worker.import`, `machine.open_files`, ….
    public var id: String
    /// What was looked at, for people: `worker 'hello'`, `task manager`, ….
    public var subject: String
    /// How bad it is.
    public var status: Status
    /// What was found.
    public var message: String
    /// What to do; nil where nothing is to be done.
    public var advice: String?
    /// What was found, for programs.
    public var facts: [String: Fact]

    /// A diagnosis.
    public init(
        _ status: Status, id: String, subject: String, _ message: String, advice: String? = nil,
        facts: [String: Fact] = [:]
    ) {
        self.status = status
        self.id = id
        self.subject = subject
        self.message = message
        self.advice = advice
        self.facts = facts
    }
}

extension Diagnosis {
    /// What the reading of a configuration came to: one problem for each error.
    public static func of(_ error: ConfigurationError) -> [Diagnosis] {
        error.issues.map { issue in
            Diagnosis(
                .problem, id: "configuration", subject: "configuration", issue.description,
                advice: "Correct the file; 'workerhost validate' shows when nothing is left.", facts: facts(of: issue))
        }
    }

    /// What the reading of a configuration came to: one warning for each of its warnings, or that all is well.
    public static func of(_ loaded: LoadedConfiguration, file: String) -> [Diagnosis] {
        let workers = loaded.configuration.workers.count
        guard !loaded.warnings.isEmpty else {
            return [
                Diagnosis(
                    .ok, id: "configuration", subject: "configuration",
                    "\(file): \(workers) worker\(workers == 1 ? "" : "s"), no errors", facts: ["file": .text(file)])
            ]
        }
        return loaded.warnings.map { issue in
            let isVariable = issue.file.hasPrefix("environment variable ")
            return Diagnosis(
                .warning, id: isVariable ? "configuration.variable" : "configuration", subject: "configuration",
                issue.description,
                advice: isVariable
                    ? "Correct the variable's name, or unset it."
                    : "Take the key out, or live without its effect: this version does not act on it.",
                facts: facts(of: issue))
        }
    }

    private static func facts(of issue: ConfigurationIssue) -> [String: Fact] {
        var facts: [String: Fact] = ["file": .text(issue.file)]
        if let line = issue.line { facts["line"] = .number(line) }
        if let column = issue.column { facts["column"] = .number(column) }
        if !issue.keyPath.isEmpty { facts["key"] = .text(issue.keyPath) }
        if let suggestion = issue.suggestion { facts["suggestion"] = .text(suggestion) }
        return facts
    }
}
