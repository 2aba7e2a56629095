public import WorkerHostCore

/// What became of a dead letter that was to be retried or discarded.
public struct DeadLetterOutcome: Sendable, Hashable {
    /// The result for one id.
    public enum Result: Sendable, Hashable {
        /// It was done; in a dry run: it would be done.
        case done
        /// There is no such task.
        case unknownTask
        /// The task is in this state, not a dead letter.
        case notADeadLetter(StoredTask.Status)
        /// Its dedupe key is held by another task that is not finished.
        case keyHeld(key: String, by: String)
        /// Its deadline has passed: it would fail again at once.
        case deadlinePassed(Timestamp)
    }

    /// The id as it was given.
    public let id: String
    /// What came of it.
    public let result: Result
    /// The task's type; nil if there is no such task.
    public let type: String?
    /// The error's type; nil if the task has not failed.
    public let errorType: String?
    /// The attempts that were spent.
    public let attempts: Int

    /// An outcome for an id that the queue does not have.
    public init(unknown id: String) {
        self.init(id: id, result: .unknownTask, type: nil, errorType: nil, attempts: 0)
    }

    init(id: String, result: Result, type: String?, errorType: String?, attempts: Int) {
        self.id = id
        self.result = result
        self.type = type
        self.errorType = errorType
        self.attempts = attempts
    }

    /// Whether it was (or in a dry run: would be) done.
    public var isDone: Bool { result == .done }
}
