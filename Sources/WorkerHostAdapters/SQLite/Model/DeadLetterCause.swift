public import WorkerHostCore

/// Dead letters of one task type that failed in the same way.
public struct DeadLetterCause: Sendable, Hashable {
    /// The failures' kind (``/WorkerHostCore/TaskFailure/Kind/name``).
    public let kind: String
    /// The error's type as the worker named it.
    public let errorType: String
    /// The tasks' type.
    public let type: String
    /// How many there are.
    public internal(set) var count: Int
    /// How many of them are poison; see ``StoredTask/isPoison``.
    public internal(set) var poison: Int
    /// When the newest of them failed.
    public internal(set) var newest: Timestamp
    /// The newest one's id.
    public internal(set) var example: String
}
