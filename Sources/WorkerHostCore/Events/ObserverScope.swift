/// The kinds of event that an observer wants to be told about; others cost it nothing.
public struct ObserverScope: OptionSet, Sendable, Hashable {
    /// The bits.
    public let rawValue: UInt8

    /// A scope of these bits.
    public init(rawValue: UInt8) {
        self.rawValue = rawValue
    }

    /// What tasks go through on their way: received, started, progress.
    public static let taskSteps = ObserverScope(rawValue: 1)
    /// Tasks that succeed: completed.
    public static let taskSuccesses = ObserverScope(rawValue: 32)
    /// Everything else that becomes of tasks: failed, retrying, released.
    public static let taskTroubles = ObserverScope(rawValue: 64)
    /// All about tasks.
    public static let tasks: ObserverScope = [.taskSteps, .taskSuccesses, .taskTroubles]
    /// Worker processes that start and end.
    public static let processes = ObserverScope(rawValue: 2)
    /// What workers write beside their replies.
    public static let output = ObserverScope(rawValue: 4)
    /// What concerns the host's safety.
    public static let security = ObserverScope(rawValue: 8)
    /// Changes of the host, its configuration, its workers' availability and its way to the TaskManager.
    public static let host = ObserverScope(rawValue: 16)
    /// Everything.
    public static let all: ObserverScope = [.tasks, .processes, .output, .security, .host]
}
