/// Reads the whole file, section by section.
struct ConfigurationReader {
    let log: IssueLog
    let paths: PathResolver
    let availableTaskManagers: [TaskManagerConfiguration.Kind]

    /// The keys of a section, by the names that lead to it.
    static func keys(_ path: String...) -> [KeySpec] {
        var keys = ConfigurationKeys.root
        for name in path { keys = keys.first { $0.name == name }?.children ?? [] }
        return keys
    }

    /// The configuration, or nil if a part that has no default is missing or wrong; errors are in the log either way.
    func read(_ root: SourceNode) -> HostConfiguration? {
        guard let top = MapReader(root, keys: ConfigurationKeys.root, log: log) else { return nil }
        let version = version(top)
        let usual = paths.absolute("state")
        let stateDirectory =
            top.path("state_dir", paths.absolute, default: usual, from: "the directory of the file") ?? usual
        let shutdownTimeout = top.duration(
            "shutdown_timeout", in: MapReader.anyDuration, default: HostConfiguration.standardShutdownTimeout)
        let advanced = AdvancedReader(top, log: log).read()
        let taskManager = TaskManagerReader(
            log: log, paths: paths, available: availableTaskManagers, stateDirectory: stateDirectory
        ).read(top)
        let defaults = WorkerReader.Defaults(
            retryBackoff: taskManager?.retryBackoff ?? RetryPolicy().backoff.initial,
            limits: WorkerConfiguration.Limits(maxMemoryMiB: advanced.maxMemoryMiB), pool: advanced.workerPool,
            inheritedNames: advanced.inheritedNames, mayInherit: advanced.mayInherit,
            restrictedModules: advanced.security.restrictedModules, claims: taskManager.flatMap(ClaimLimits.init))
        let workers = WorkerListReader(log: log, paths: paths, defaults: defaults).read(top)
        let logging = LoggingReader(log: log, paths: paths).read(top)
        let monitoring = MonitoringReader(log: log).read(top)
        guard let taskManager else { return nil }
        return HostConfiguration(
            version: version, taskManager: taskManager, workers: workers, logging: logging, monitoring: monitoring,
            security: advanced.security, workerPool: advanced.workerPool, stateDirectory: stateDirectory,
            shutdownTimeout: shutdownTimeout)
    }

    private func version(_ top: MapReader) -> String {
        let expectation = "1 or 1.0"
        let text = top.scalar("version")?.anyText(expectation)
        let isKnown = text.map { ["1", "1.0"].contains($0) } ?? true
        if let text, !isKnown { top.error("version", "version '\(text)' is not known", expected: expectation) }
        top.noted("version", text != nil && isKnown ? "1.0" : nil, default: "1.0", expectation: expectation)
        return "1.0"
    }
}
