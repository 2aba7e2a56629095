/// Why an attempt did not succeed.
public struct TaskFailure: Error, Sendable {
    /// The cause, by which handling is decided.
    public enum Kind: Sendable, Hashable {
        /// The worker failed; another try may help.
        case retriable
        /// The worker said that another try is useless.
        case permanent
        /// The deadline passed, or the worker itself gave up for time (exit code 3).
        case timeout
        /// The worker process ended by this signal.
        case crashed(signal: Int32)
        /// A limit was exceeded.
        case resourceLimit(Resource)
        /// The process could not be started.
        case startFailed
        /// The worker ended without a reply that can be understood, or one that contradicts its exit code.
        case protocolViolation
        /// The parameters are not what the task type demands.
        case invalidParameters
        /// No worker is configured for the task's type.
        case noWorker
        /// The TaskManager gave the task to somebody else.
        case leaseLost
        /// The host stopped the worker because the host itself stops; spends no attempt.
        case interrupted
    }

    /// A resource with a limit.
    public enum Resource: String, Sendable, Hashable {
        /// Bytes on standard output.
        case replySize = "reply size"
        /// Memory of the worker process.
        case memory
        /// Processor time of the worker process.
        case processorTime = "processor time"
    }

    /// The cause.
    public let kind: Kind
    /// The error's type as the worker named it (`ValueError`), or the host's name for the cause.
    public let type: String
    /// What happened, for people.
    public let message: String
    /// The worker's traceback, if its reply had one.
    public var traceback: String?
    /// The exit code, if the process ended by itself.
    public var exitCode: Int32?
    /// What the attempt used.
    public var usage: ResourceUsage?
    /// The last lines that the worker wrote to standard error, at most 64 KiB.
    public var standardErrorTail: String?
    /// Whether another attempt makes sense.
    public let isRetriable: Bool
    /// The wait before another attempt that the worker asked for; nil leaves it to the backoff.
    public var retryAfter: Duration?

    /// A failure.
    /// - Parameter isRetriable: nil takes what the kind says.
    public init(
        kind: Kind, type: String? = nil, message: String, isRetriable: Bool? = nil, traceback: String? = nil,
        exitCode: Int32? = nil, usage: ResourceUsage? = nil, standardErrorTail: String? = nil
    ) {
        self.kind = kind
        self.type = type ?? kind.name
        self.message = message
        self.isRetriable = isRetriable ?? kind.isRetriableByDefault
        self.traceback = traceback
        self.exitCode = exitCode
        self.usage = usage
        self.standardErrorTail = standardErrorTail
    }
}

extension TaskFailure.Kind {
    /// The names of all kinds.
    public static let allNames = [
        TaskFailure.Kind.retriable, .permanent, .timeout, .crashed(signal: 0), .resourceLimit(.memory), .startFailed,
        .protocolViolation, .invalidParameters, .noWorker, .leaseLost, .interrupted,
    ].map(\.name)

    /// A stable name for storage, metrics and programs: `retriable`, `timeout`, `crashed`, …
    public var name: String {
        switch self {
        case .retriable: "retriable"
        case .permanent: "permanent"
        case .timeout: "timeout"
        case .crashed: "crashed"
        case .resourceLimit: "resource_limit"
        case .startFailed: "start_failed"
        case .protocolViolation: "protocol_violation"
        case .invalidParameters: "invalid_parameters"
        case .noWorker: "no_worker"
        case .leaseLost: "lease_lost"
        case .interrupted: "interrupted"
        }
    }

    /// The kind of that ``name``; nil if there is none. A name does not tell the signal of a crash (0) or which limit
    /// was exceeded (the reply's size).
    public init?(name: String) {
        let all: [TaskFailure.Kind] = [
            .retriable, .permanent, .timeout, .crashed(signal: 0), .resourceLimit(.replySize), .startFailed,
            .protocolViolation, .invalidParameters, .noWorker, .leaseLost, .interrupted,
        ]
        guard let kind = all.first(where: { $0.name == name }) else { return nil }
        self = kind
    }

    /// Whether a failure of this kind is normally tried again.
    public var isRetriableByDefault: Bool {
        switch self {
        case .retriable, .crashed, .startFailed, .protocolViolation, .interrupted: true
        case .permanent, .timeout, .resourceLimit, .invalidParameters, .noWorker, .leaseLost: false
        }
    }

    /// Whether the failure says something about the host or the worker's installation, not about the task:
    /// such an ending spends no attempt.
    public var sparesTheAttempt: Bool {
        switch self {
        case .startFailed, .interrupted, .leaseLost: true
        default: false
        }
    }
}

extension TaskFailure: CustomStringConvertible {
    /// `TYPE: MESSAGE`
    public var description: String { "\(type): \(message)" }
}
