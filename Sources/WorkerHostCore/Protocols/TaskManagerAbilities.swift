/// What a TaskManager does by itself, so that the host need not do it.
public struct TaskManagerAbilities: OptionSet, Sendable, Hashable {
    /// The abilities as bits.
    public let rawValue: Int

    /// Abilities of these bits.
    public init(rawValue: Int) { self.rawValue = rawValue }

    /// A task that is reported with ``TaskReport/Outcome/retry(_:after:)`` is handed out again, after the wait and not
    /// before. Without it the host waits itself, under the lease that it holds.
    public static let delaysRetries = TaskManagerAbilities(rawValue: 1 << 0)
    /// A task that is reported with ``TaskReport/Outcome/failed(_:)`` is never handed out again. Without it the host
    /// remembers such a task, and fails it without running it when it comes again.
    public static let endsFailedTasks = TaskManagerAbilities(rawValue: 1 << 1)
    /// It is as near as the host's own disk: a report that was not taken can be repeated for as long as the host runs, and
    /// needs no outbox.
    public static let isLocal = TaskManagerAbilities(rawValue: 1 << 2)

    /// What the embedded queue can.
    public static let all: TaskManagerAbilities = [.delaysRetries, .endsFailedTasks, .isLocal]
}
