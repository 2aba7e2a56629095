/// How a process ended.
public enum ProcessEnding: Sendable, Hashable {
    /// It could not be started.
    case notStarted(reason: String)
    /// With this exit code.
    case exited(code: Int32)
    /// By this signal.
    case signaled(Int32)
    /// Not at all: it survived SIGKILL and was left alone.
    case abandoned
    /// It ended, but its template had died, which alone can tell how.
    case unknown

    init(_ ending: ProcessExit.Ending) {
        switch ending {
        case .exited(let code): self = .exited(code: code)
        case .signaled(let signal): self = .signaled(signal)
        case .unknown: self = .unknown
        }
    }

    init(_ ended: Ended) {
        switch ended {
        case .exited(let code): self = .exited(code: code)
        case .signaled(let signal): self = .signaled(signal)
        case .stopped(_, let ending): self.init(ending)
        case .unkillable: self = .abandoned
        case .unknown: self = .unknown
        case .notStarted(let error): self = .notStarted(reason: error.description)
        }
    }
}

extension ProcessEnding: CustomStringConvertible {
    /// `exit code 1`, `SIGSEGV (signal 11)`, …
    public var description: String {
        switch self {
        case .notStarted(let reason): reason
        case .exited(let code): "exit code \(code)"
        case .signaled(let signal): SignalName.of(signal)
        case .abandoned: "it did not end, even after SIGKILL"
        case .unknown: "exit status unknown"
        }
    }
}
