#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

// How a worker's process is ended, and what is told about it.
extension ChildProcess {
    /// Asks it, and all that it has started, to end.
    func terminateGroup(because cause: String) -> Incident {
        signalGroup(SIGTERM)
        return Incident(kind: "terminating", message: "\(cause); SIGTERM sent to process group \(pid)")
    }

    /// Ends it, and all that it has started.
    func killGroup(because cause: String) -> Incident {
        signalGroup(SIGKILL)
        return Incident(kind: "killed", message: "\(cause); SIGKILL sent to process group \(pid)")
    }

    /// It has ended; ends what it has started, before the reap, while the pid cannot belong to anybody else.
    /// - Returns: what is to be told, if somebody else held its output open.
    func endGroup() -> Incident? {
        defer { signalGroup(SIGKILL) }
        guard standardOutput >= 0 || standardError >= 0 else { return nil }
        return Incident(
            kind: "grandchildren_killed",
            message: "the worker had ended, but another process held its output open; ended it")
    }

    /// It did not end.
    func abandoned(after grace: Duration? = nil) -> Incident {
        let time = grace.map { " within \($0.inSeconds) s" } ?? ""
        return Incident(kind: "abandoned", message: "process \(pid) did not end\(time) after SIGKILL")
    }
}
