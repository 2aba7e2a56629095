/// Finds the worker for a task's type.
///
/// A type is matched exactly first, then by the longest `Prefix.*`, then by `*`. Several workers may name the same
/// type: they are tried in the order of their registration, the next one while the one before is unhealthy.
public protocol Registry: Sendable {
    /// Adds a worker.
    /// - Throws: ``RegistryError`` when the name is taken or a type selector is malformed.
    func register(_ configuration: WorkerConfiguration) throws(RegistryError)

    /// The first worker for the type.
    func worker(for taskType: String) -> WorkerConfiguration?

    /// All workers for the type, in order: each is the fallback of the one before.
    func workers(for taskType: String) -> [WorkerConfiguration]

    /// The worker of that name.
    func configuration(named name: String) -> WorkerConfiguration?

    /// All workers in the order of their registration.
    var configurations: [WorkerConfiguration] { get }
}
