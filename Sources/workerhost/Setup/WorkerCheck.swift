import WorkerHostCore

/// Whether one configured worker could be started, as far as can be seen without starting it.
struct WorkerCheck {
    /// The worker's name.
    let name: String
    /// What it runs.
    let summary: String
    /// What is wrong; empty if nothing is.
    let problems: [String]

    /// Looks at the worker's files, unless the configuration forbids that.
    init(_ worker: WorkerConfiguration, security: SecurityConfiguration) {
        name = worker.name
        summary = "\(worker.commandLine.joined(separator: " ")) for \(worker.taskTypes.joined(separator: ", "))"
        problems =
            security.validateWorkerPaths
            ? PathPolicy().check(worker).map { "\($0.key): \($0.path) \($0.message): \($0.advice)" } : []
    }

    /// Whether nothing is wrong.
    var isUsable: Bool { problems.isEmpty }
}
