/// The kinds of event that an observer wants to be told about; others cost it nothing.
public struct ObserverScope: OptionSet, Sendable, Hashable {
    /// The bits.
    public let rawValue: UInt8

    /// A scope of these bits.
    public init(rawValue: UInt8) {
        self.rawValue = rawValue
    }

    /// What becomes of tasks: received, started, completed, failed, retrying, released, progress.
    public static let tasks = ObserverScope(rawValue: 1)
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
