/// What one check of a ``WorkerConformance`` came to: one line, and what to do about it.
public struct ConformanceFinding: Sendable, Hashable {
    /// How it went.
    public enum Status: String, Sendable, Hashable, CaseIterable {
        /// The worker does what the protocol asks.
        case ok
        /// It does not: tasks would fail, hang, or be answered wrongly.
        case failed
        /// It works, but costs something or will surprise somebody.
        case warning
        /// The check was not made; the message says why.
        case skipped
    }

    /// The check's name, for programs: `valid-task`, `two-tasks`, ….
    public let check: String
    /// How it went.
    public let status: Status
    /// What was seen.
    public let message: String
    /// What to do about it; nil where nothing is to be done.
    public let advice: String?
    /// What was measured on the way, for programs.
    public let facts: [String: Diagnosis.Fact]
    /// How many tasks, or things like tasks, the worker was given for it.
    public let tasks: Int
    /// How long it took.
    public let duration: Duration
}

/// What a check says; name, time and count are added to it.
struct ConformanceVerdict: Sendable {
    var status: ConformanceFinding.Status
    var message: String
    var advice: String?
    var facts: [String: Diagnosis.Fact] = [:]

    static func ok(_ message: String) -> ConformanceVerdict { Self(status: .ok, message: message) }

    static func failed(_ message: String, _ advice: String) -> ConformanceVerdict {
        Self(status: .failed, message: message, advice: advice)
    }

    static func warning(_ message: String, _ advice: String) -> ConformanceVerdict {
        Self(status: .warning, message: message, advice: advice)
    }

    static func skipped(_ message: String) -> ConformanceVerdict { Self(status: .skipped, message: message) }

    /// The worst of several; of equal ones the first.
    static func worst(_ verdicts: [ConformanceVerdict], otherwise: ConformanceVerdict) -> ConformanceVerdict {
        verdicts.first { $0.status == .failed } ?? verdicts.first { $0.status == .warning } ?? otherwise
    }
}
