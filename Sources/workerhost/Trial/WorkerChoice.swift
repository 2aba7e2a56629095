import WorkerHostCore

/// Finds the worker that is to run one task.
struct WorkerChoice {
    private let workers: [WorkerConfiguration]
    private let registry: WorkerRegistry

    /// - Throws: ``CommandFailure`` with exit code 2 if the workers do not fit together.
    init(_ workers: [WorkerConfiguration]) throws(CommandFailure) {
        self.workers = workers
        do throws(RegistryError) {
            registry = try WorkerRegistry(workers)
        } catch {
            throw CommandFailure(.usage, error.description)
        }
    }

    /// The worker of that name, or else the one that a host would take for the type.
    /// - Throws: ``CommandFailure`` with exit code 2, naming what is near.
    func worker(for type: String, named name: String?) throws(CommandFailure) -> WorkerConfiguration {
        guard let name else {
            if let worker = registry.worker(for: type) { return try Self.process(worker) }
            throw CommandFailure(.usage, try complaint(about: type))
        }
        let worker = try worker(named: name)
        guard TaskTypeSelection(worker.taskTypes).matches(type) else {
            throw CommandFailure(
                .usage,
                "The worker '\(name)' does not run the type '\(PlainText.singleLine(type))'; its task_types are "
                    + "\(worker.taskTypes.map { "'\($0)'" }.joined(separator: ", ")).")
        }
        return worker
    }

    /// The one type of the worker.
    /// - Throws: ``CommandFailure`` with exit code 2 if it has several.
    func onlyType(of name: String) throws(CommandFailure) -> String {
        let types = try worker(named: name).taskTypes
        guard types.count == 1, let type = types.first, TaskTypeSelection.prefix(of: type) == nil else {
            throw CommandFailure(
                .usage,
                "The worker '\(name)' runs \(types.map { "'\($0)'" }.joined(separator: ", ")): name one with --type.")
        }
        return type
    }

    /// The worker, if it is a process that can be started here.
    private static func process(_ worker: WorkerConfiguration) throws(CommandFailure) -> WorkerConfiguration {
        guard let remote = worker.remote else { return worker }
        throw CommandFailure(
            .usage,
            "The worker '\(worker.name)' is a service (type: http), and this command starts processes. Send a task to it with "
                + "'curl --json JSON \(PlainText.singleLine(remote.url))'.")
    }

    /// The other workers for the type, which a host would take if the first cannot be started.
    func others(for type: String, beside worker: WorkerConfiguration) -> [String] {
        registry.workers(for: type).map(\.name).filter { $0 != worker.name }
    }

    /// Whether there is a worker of that name for the type.
    func runs(_ type: String, _ name: String) -> Bool {
        registry.configuration(named: name).map { TaskTypeSelection($0.taskTypes).matches(type) } ?? false
    }

    /// The worker of that name.
    /// - Throws: ``CommandFailure`` with exit code 2, naming what is near.
    func worker(named name: String) throws(CommandFailure) -> WorkerConfiguration {
        if let worker = registry.configuration(named: name) { return try Self.process(worker) }
        let shown = PlainText.singleLine(name)
        if let near = NearestMatch.find(name, in: workers.map(\.name)) {
            throw CommandFailure(.usage, "There is no worker '\(shown)'; did you mean '\(near)'?")
        }
        let names = workers.prefix(8).map { "'\($0.name)'" }.joined(separator: ", ")
        throw CommandFailure(.usage, "There is no worker '\(shown)'; there are \(names).")
    }

    private func complaint(about type: String) throws(CommandFailure) -> String {
        do throws(RegistryError) {
            var check = try TypeCheck(workers, allowsUnknown: false, advice: "")
            let text = check.complaint(about: type) ?? "no worker runs the type '\(PlainText.singleLine(type))'"
            return text.prefix(1).uppercased() + text.dropFirst() + (text.hasSuffix("?") ? "" : ".")
        } catch {
            return error.description
        }
    }
}
