/// How far a running task is, as its worker says.
public struct TaskProgress: Sendable, Hashable {
    /// The task.
    public let taskID: String
    /// The lease under which it runs.
    public let lease: Lease
    /// From 0 to 100.
    public let percent: Int
    /// What it is at; the worker's words.
    public let message: String?

    /// A progress.
    public init(taskID: String, lease: Lease, percent: Int, message: String? = nil) {
        self.taskID = taskID
        self.lease = lease
        self.percent = percent
        self.message = message
    }
}
