/// One thing that a worker is tried for. Blocking: runs on the thread of the processes it starts.
protocol ConformanceCheck: Sendable {
    /// For programs and for `--only`.
    var name: String { get }
    /// What is looked at, in a few words.
    var summary: String { get }
    /// Whether it makes sense only for a worker that has answered the valid task.
    var needsAnswer: Bool { get }

    /// Whether it makes sense only for a process that serves a second task, where it is a pool's.
    var needsSecondTask: Bool { get }

    /// Why the worker is not tried for it; nil if it is.
    func reasonToSkip(_ subject: ConformanceSubject) -> String?
    /// About how many tasks the worker is given.
    func tasks(_ subject: ConformanceSubject) -> Int
    /// Tries it.
    func run(on bench: ConformanceBench) -> ConformanceVerdict
}

extension ConformanceCheck {
    var needsAnswer: Bool { true }

    var needsSecondTask: Bool { false }

    func reasonToSkip(_ subject: ConformanceSubject) -> String? { nil }
}

/// The checks in their order. The first gives the valid task, by which the others are measured; the last two judge all
/// that was said in the others.
enum ConformanceChecks {
    static let all: [any ConformanceCheck] = [
        ValidTaskCheck(), StandardOutputCheck(), CleanEndCheck(), EnvironmentCheck(), StartUpCheck(),
        MissingIDCheck(), UnknownTypeCheck(), EmptyParamsCheck(), MissingParamsCheck(), UnknownMembersCheck(),
        LargeParamsCheck(), UnicodeCheck(), MessagePackCheck(), InvalidInputCheck(), TerminationCheck(),
        ReadyCheck(), TwoTasksCheck(), PipeliningCheck(), UnknownControlCheck(), EndOfInputCheck(), HalfFrameCheck(),
        BatchCheck(), AfterFailureCheck(), ExitCodeCheck(), ReplyShapeCheck(),
    ]
}
