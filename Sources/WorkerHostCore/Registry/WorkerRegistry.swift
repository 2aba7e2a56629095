/// The registry that a host uses unless it is given another one.
public final class WorkerRegistry: Registry {
    fileprivate struct State {
        var configurations: [WorkerConfiguration] = []
        var byName: [String: Int] = [:]
        var exact: [String: [Int]] = [:]
        /// Longest prefix first.
        var prefixes: [(prefix: String, workers: [Int])] = []
    }

    private let state = Guarded(State())

    /// An empty registry.
    public init() {}

    /// A registry of these workers.
    /// - Throws: ``RegistryError`` for the first one that cannot be registered.
    public convenience init(_ configurations: [WorkerConfiguration]) throws(RegistryError) {
        self.init()
        for configuration in configurations { try register(configuration) }
    }

    /// Adds a worker behind those that are there.
    /// - Throws: ``RegistryError`` for a name that is taken or a malformed type selector.
    public func register(_ configuration: WorkerConfiguration) throws(RegistryError) {
        guard !configuration.name.isEmpty else { throw RegistryError("A worker needs a name.") }
        guard !configuration.taskTypes.isEmpty else {
            throw RegistryError("Worker '\(configuration.name)' names no task type: give it at least one.")
        }
        for selector in configuration.taskTypes { try Self.check(selector, worker: configuration.name) }
        let isNew = state.withLock { state in
            guard state.byName[configuration.name] == nil else { return false }
            let index = state.configurations.count
            state.configurations.append(configuration)
            state.byName[configuration.name] = index
            for selector in configuration.taskTypes { state.add(selector, index) }
            return true
        }
        guard isNew else {
            throw RegistryError(
                "A worker named '\(configuration.name)' is registered already: names must be unique.")
        }
    }

    /// The first worker for the type.
    public func worker(for taskType: String) -> WorkerConfiguration? {
        workers(for: taskType).first
    }

    /// All workers for the type, each the fallback of the one before.
    public func workers(for taskType: String) -> [WorkerConfiguration] {
        state.withLock { state in
            if let exact = state.exact[taskType] { return exact.map { state.configurations[$0] } }
            let match = state.prefixes.first { taskType.hasPrefix($0.prefix) }
            return (match?.workers ?? []).map { state.configurations[$0] }
        }
    }

    /// The worker of that name.
    public func configuration(named name: String) -> WorkerConfiguration? {
        state.withLock { state in state.byName[name].map { state.configurations[$0] } }
    }

    /// All workers in the order of their registration.
    public var configurations: [WorkerConfiguration] {
        state.withLock { $0.configurations }
    }

    private static func check(_ selector: String, worker: String) throws(RegistryError) {
        let body = TaskTypeSelection.prefix(of: selector) == nil ? selector : String(selector.dropLast())
        if selector.isEmpty || selector.hasPrefix("!") || body.contains("*") || body.contains(where: \.isWhitespace) {
            throw RegistryError(
                "Worker '\(worker)' has the malformed task type '\(selector)': write 'Name', 'Prefix.*' or '*'.")
        }
    }
}

extension WorkerRegistry.State {
    fileprivate mutating func add(_ selector: String, _ worker: Int) {
        guard let prefix = TaskTypeSelection.prefix(of: selector) else {
            exact[selector, default: []].append(worker)
            return
        }
        if let known = prefixes.firstIndex(where: { $0.prefix == prefix }) {
            prefixes[known].workers.append(worker)
        } else {
            prefixes.append((prefix, [worker]))
            prefixes.sort { $0.prefix.utf8.count > $1.prefix.utf8.count }
        }
    }
}
