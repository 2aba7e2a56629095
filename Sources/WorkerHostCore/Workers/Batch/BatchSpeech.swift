/// What is known about whether a worker serves several tasks in one process. No clock, no I/O.
///
/// A worker that reads one JSON document fails at several lines, or answers the first and ends. Either may also be the
/// work of a single bad task. So the tasks of such a batch are tried alone, and only when each of them was answered then
/// is the worker taken for one that serves one task a process.
struct BatchSpeech: Sendable {
    /// A process has answered two tasks.
    private(set) var isProven = false
    /// Every task gets a process of its own.
    private(set) var isOneshot = false
    /// The tasks whose answers are awaited.
    private var trial: Set<String> = []

    /// Tasks are run alone until it is known.
    var isOnTrial: Bool { !trial.isEmpty }

    /// A process has answered two tasks.
    mutating func prove() {
        isProven = true
        trial = []
    }

    /// A process that had several tasks has ended by itself, some without a reply.
    /// - Returns: whether the worker is served as oneshot from now on.
    mutating func ended(replies: Int, unanswered: [String], cleanly: Bool) -> Bool {
        if isOneshot { return true }
        guard !isProven, !unanswered.isEmpty else { return false }
        if replies == 1, cleanly {
            isOneshot = true
        } else if replies == 0 {
            trial.formUnion(unanswered)
        }
        return isOneshot
    }

    /// A task was run alone.
    /// - Returns: whether it is known only now that the worker serves one task a process.
    mutating func ranAlone(_ id: String, answered: Bool) -> Bool {
        guard trial.contains(id) else { return false }
        guard answered else {
            // The task may be the bad one: nothing is known.
            trial = []
            return false
        }
        trial.remove(id)
        guard trial.isEmpty, !isOneshot else { return false }
        isOneshot = true
        return true
    }

    /// Tasks have left without being run.
    mutating func left(_ ids: some Sequence<String>) {
        if ids.contains(where: trial.contains) { trial = [] }
    }
}
