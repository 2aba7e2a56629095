/// The task that a worker is checked with.
public struct ConformanceTask: Sendable, Hashable {
    /// Where its parameters come from.
    public enum Source: String, Sendable, Hashable {
        /// Somebody gave them.
        case given
        /// They were made after the worker's schema.
        case schema
        /// Nothing was known: `{}`.
        case empty
    }

    /// The task's type.
    public let type: String
    /// Its parameters, an object.
    public let params: RawJSON
    /// Where the parameters come from.
    public let source: Source

    /// A task.
    /// - Parameters:
    ///   - worker: who is to do it.
    ///   - type: nil takes the first of its task types; of `Prefix.*` one that nobody else has.
    ///   - params: nil takes the least that satisfies the worker's schema if that is easily made, else `{}`.
    public init(for worker: WorkerConfiguration, type: String? = nil, params: RawJSON? = nil) {
        let selector = worker.taskTypes.first { !$0.hasPrefix("!") } ?? "*"
        self.type = type ?? TaskTypeSelection.prefix(of: selector).map { "\($0)WorkerHostCheck" } ?? selector
        if let params {
            (self.params, source) = (params, .given)
        } else if let made = worker.schema.flatMap(MinimalParams.make) {
            (self.params, source) = (made, .schema)
        } else {
            (self.params, source) = (.emptyObject, .empty)
        }
    }
}
