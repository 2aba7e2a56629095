public import WorkerHostCore

/// A task to be added to the queue.
public struct NewTask: Sendable {
    /// The type that decides which worker runs it; not empty, without white space.
    public var type: String
    /// The parameters; must be a JSON object.
    public var params: RawJSON
    /// Larger runs first; equal ones run in the order they were added.
    public var priority: Int
    /// A name under which the task is added only once; see ``dedupeScope``.
    public var dedupeKey: String?
    /// How long the dedupe key stays taken.
    public var dedupeScope: DedupeScope
    /// How long the task waits before it may run.
    public var delay: Duration
    /// After this moment the outcome is of no use any more.
    public var deadline: Timestamp?
    /// A W3C `traceparent` for the worker.
    public var traceParent: String?
    /// Anything else that the worker is to find in the task's metadata; must be a JSON object.
    public var extra: RawJSON?

    /// A task.
    public init(
        type: String, params: RawJSON = .emptyObject, priority: Int = 0, dedupeKey: String? = nil,
        dedupeScope: DedupeScope = .unfinished, delay: Duration = .zero, deadline: Timestamp? = nil,
        traceParent: String? = nil, extra: RawJSON? = nil
    ) {
        self.type = type
        self.params = params
        self.priority = priority
        self.dedupeKey = dedupeKey
        self.dedupeScope = dedupeScope
        self.delay = delay
        self.deadline = deadline
        self.traceParent = traceParent
        self.extra = extra
    }

    /// How long a dedupe key stays taken.
    public enum DedupeScope: String, Sendable, Hashable, CaseIterable {
        /// Until the task is finished.
        case unfinished
        /// For good: also finished tasks hold the key, whatever scope they were added with. A task that was added with
        /// this scope holds it even when it was removed for its age; others only while they are kept.
        case forever
    }
}

extension NewTask {
    /// What is wrong with the task; nil if nothing is.
    var defect: String? {
        if type.isEmpty { return "its type is empty" }
        if type.contains(where: \.isWhitespace) { return "its type '\(type)' contains white space" }
        // SQLite would cut the texts at a NUL, and the others could not be told apart on a terminal.
        if type.hasControlCharacters { return "its type contains control characters" }
        if dedupeKey?.hasControlCharacters == true { return "its dedupe key contains control characters" }
        if type.hasPrefix("!") || type.contains("*") {
            return "its type '\(type)' is a selector: a type contains no '*' and does not begin with '!'"
        }
        if !params.isObject { return "its params are no JSON object" }
        let size = max(params.bytes.count, extra?.bytes.count ?? 0)
        if size > LargeParams.maximum {
            return "its params have \(size) bytes, more than the \(LargeParams.maximum) that the queue stores"
        }
        if let extra, !extra.isObject { return "its extra metadata is no JSON object" }
        if dedupeKey?.isEmpty == true { return "its dedupe key is empty: leave it out for none" }
        return nil
    }
}

extension String {
    fileprivate var hasControlCharacters: Bool { utf8.contains { $0 < 0x20 || $0 == 0x7F } }
}
