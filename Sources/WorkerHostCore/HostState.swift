/// What a host is doing.
public enum HostState: Sendable, Hashable {
    /// It has not been run yet.
    case idle
    /// It leases and runs tasks.
    case running
    /// It leases no more and finishes what runs.
    case draining
    /// All is settled.
    case stopped
}

/// Why a host could not do its work.
public struct HostError: Error, Sendable, CustomStringConvertible {
    /// The kinds of error.
    public enum Code: Sendable, Hashable {
        /// ``WorkerHost/run(untilIdle:)`` was called a second time.
        case alreadyRun
        /// The state directory cannot be used.
        case stateDirectory
        /// The TaskManager cannot be used.
        case taskManager
        /// The host is ending.
        case stopping
        /// The machine gives no threads or descriptors.
        case resources
    }

    /// The kind.
    public let code: Code
    /// What happened and what to do.
    public let description: String

    init(_ code: Code, _ description: String) {
        self.code = code
        self.description = description
    }
}
