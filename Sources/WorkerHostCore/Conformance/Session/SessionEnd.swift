/// How a process of a check ended.
struct SessionEnd: Sendable {
    /// nil if it did not end, even after SIGKILL.
    let ending: ProcessExit.Ending?
    /// The signals it had to be sent; empty if it ended by itself.
    let signals: [Int32]
    /// Since its start.
    let at: Duration
    /// What it had started and left behind, as commands.
    let leftovers: [String]
    /// Whether something still held its output open.
    let heldOutput: Bool
    let standardError: String?

    /// Whether it ended by itself.
    var isOwn: Bool { signals.isEmpty && ending != nil }

    /// The exit code, if it ended by itself and with one.
    var exitCode: Int32? {
        if case .exited(let code)? = ending { code } else { nil }
    }

    /// `exit code 1`, `SIGSEGV (signal 11)`.
    var text: String { ending.map { ProcessEnding($0).description } ?? "no end, even after SIGKILL" }

    /// `; its last line on standard error: …`, or nothing.
    var lastWords: String {
        LastWords.lastLine(of: standardError).map { "; its last line on standard error: \($0)" } ?? ""
    }
}
