/// What became of a task that was to be cancelled.
public struct CancelOutcome: Sendable, Hashable {
    /// The result for one id.
    public enum Result: Sendable, Hashable {
        /// It waited, or its host had gone silent: it has failed, and never runs.
        case cancelled
        /// It is leased by the host of this id, which was told to end it; `isNew` is false if it had been told before.
        case requested(host: String?, isNew: Bool)
        /// It is finished in this way, so there was nothing to cancel.
        case finished(StoredTask.Status)
        /// There is no such task.
        case unknownTask
    }

    /// The id as it was given.
    public let id: String
    /// What came of it.
    public let result: Result
    /// The task's type; nil if there is no such task.
    public let type: String?

    /// An outcome for an id that the queue does not have.
    public init(unknown id: String) {
        self.init(id: id, result: .unknownTask, type: nil)
    }

    init(id: String, result: Result, type: String?) {
        self.id = id
        self.result = result
        self.type = type
    }
}
