import ArgumentParser

extension CompletionKind {
    /// The names of the configured workers.
    static var workerNames: CompletionKind { .custom { words, _, _ in CompletionSource(words).workerNames } }

    /// Task types that a task can have: configured ones, and those in the queue.
    static var taskTypes: CompletionKind { .custom { words, _, _ in CompletionSource(words).taskTypes } }

    /// Task types, and the selectors `Prefix.*` that workers are configured with.
    static var taskTypeSelectors: CompletionKind {
        .custom { words, _, _ in CompletionSource(words).taskTypeSelectors }
    }

    /// The ids of the newest tasks.
    static var taskIDs: CompletionKind { .custom { words, _, _ in CompletionSource(words).taskIDs } }

    /// The ids of the oldest entries of the outbox.
    static var outboxIDs: CompletionKind { .custom { words, _, _ in CompletionSource(words).outboxIDs } }
}
