import WorkerHostCore

/// How long finished tasks are kept, in words and as JSON.
struct RetentionText {
    private let keep: TaskManagerConfiguration.Retention

    /// The words for one rule.
    init(_ keep: TaskManagerConfiguration.Retention) {
        self.keep = keep
    }

    /// `kept for 7 d, at most 100,000`
    var completed: String { text(keep.completed, keep.maxCompleted) }
    /// `kept for ever`
    var failed: String { text(keep.failed, keep.maxFailed) }

    private func text(_ age: Duration?, _ most: Int?) -> String {
        let time = age.map { "kept for \(HumanText.duration($0))" } ?? "kept for ever"
        return time + (most.map { ", at most \(HumanText.count($0))" } ?? "")
    }

    /// Adds the members of the configuration's `keep`; null means no limit.
    func add(to object: inout JSONObjectText) {
        object.seconds("completed_seconds", keep.completed)
        object.number("max_completed", keep.maxCompleted)
        object.seconds("failed_seconds", keep.failed)
        object.number("max_failed", keep.maxFailed)
    }
}
