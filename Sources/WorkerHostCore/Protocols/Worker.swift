/// Something that can run tasks.
///
/// A worker of one's own inside a Swift service is three methods long; the bundled ``SubprocessWorker`` runs each task
/// in a process.
public protocol Worker: Sendable {
    /// The worker's name, unique in a host.
    var name: String { get }

    /// Whether the worker runs tasks of this type.
    func canHandle(_ taskType: String) -> Bool

    /// Runs one task to its end.
    /// - Throws: ``TaskFailure`` saying why it did not succeed.
    func process(_ task: WorkerTask) async throws(TaskFailure) -> TaskResult

    /// Whether the worker could run a task now.
    func healthCheck() async -> HealthStatus
}

extension Worker {
    /// Healthy, unless the worker knows better.
    public func healthCheck() async -> HealthStatus { .healthy }
}
