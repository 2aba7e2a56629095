/// The end of a command that did not succeed: what to say on standard error, and the exit code.
struct CommandFailure: Error, CustomStringConvertible {
    /// The exit codes of the program.
    enum Code: Int32 {
        /// All is well.
        case done = 0
        /// The work failed.
        case failed = 1
        /// Wrong usage or configuration.
        case usage = 2
        /// The TaskManager cannot be reached or opened.
        case unreachable = 3
        /// Ctrl-C ended what the command did, as a shell says it; `exec`, `replay` and `check-worker` only.
        case interrupted = 130
        /// SIGTERM ended what the command did; `exec`, `replay` and `check-worker` only.
        case terminated = 143
    }

    /// The exit code.
    let code: Code
    /// What happened and what to do; empty if all was said already.
    let description: String

    /// A failure.
    init(_ code: Code, _ description: String = "") {
        self.code = code
        self.description = description
    }
}
