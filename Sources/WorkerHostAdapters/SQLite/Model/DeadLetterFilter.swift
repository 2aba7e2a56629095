public import WorkerHostCore

/// Which dead letters are wanted; what is left empty does not matter.
public struct DeadLetterFilter: Sendable, Hashable {
    /// Only tasks that these selectors (`Name`, `Prefix.*`) select.
    public var types: [String]
    /// Only failures of these kinds (``/WorkerHostCore/TaskFailure/Kind/name``).
    public var kinds: [String]
    /// Only errors of these types, as the worker named them (`ValueError`).
    public var errorTypes: [String]
    /// Only failures of this worker.
    public var worker: String?
    /// Only failures of this moment or earlier.
    public var failedUntil: Timestamp?
    /// Only failures of this moment or later.
    public var failedSince: Timestamp?

    /// A filter; by default all.
    public init(
        types: [String] = [], kinds: [String] = [], errorTypes: [String] = [], worker: String? = nil,
        failedUntil: Timestamp? = nil, failedSince: Timestamp? = nil
    ) {
        self.types = types
        self.kinds = kinds
        self.errorTypes = errorTypes
        self.worker = worker
        self.failedUntil = failedUntil
        self.failedSince = failedSince
    }
}
