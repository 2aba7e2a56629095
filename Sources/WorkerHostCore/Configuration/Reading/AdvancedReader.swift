/// Reads `advanced`.
struct AdvancedReader {
    /// What the section says.
    struct Outcome {
        var security = SecurityConfiguration()
        var workerPool = WorkerPoolConfiguration()
        var maxMemoryMiB: Int?
        /// The names that workers inherit unless they name their own.
        var inheritedNames: [String] = []
        /// Whether workers may inherit anything beside the fixed list.
        var mayInherit = true
    }

    private let section: MapReader?

    init(_ top: MapReader, log: IssueLog) {
        section = top.map("advanced", keys: ConfigurationReader.keys("advanced"))
    }

    func read() -> Outcome {
        var outcome = Outcome()
        guard let section else { return outcome }
        readPool(section, into: &outcome)
        if let limits = section.map("resource_limits", keys: ConfigurationReader.keys("advanced", "resource_limits")) {
            outcome.maxMemoryMiB = limits.int("max_memory_mb", in: 1...WorkerReader.mostMiB)
            if limits.int("max_cpu_percent", in: 1...100_000) != nil {
                limits.notActedOn("max_cpu_percent", "processor time is not limited")
            }
        }
        if let security = section.map("security", keys: ConfigurationReader.keys("advanced", "security")) {
            if let checked = security.bool("validate_worker_paths") { outcome.security.validateWorkerPaths = checked }
            if let modules = security.texts("restricted_modules", of: "module names") {
                outcome.security.restrictedModules = modules.map(\.text)
                for (text, node) in modules {
                    if let problem = ModulePolicy.malformed(text) { section.log.error(node.origin, node.path, problem) }
                }
            }
            readInheritance(security, into: &outcome)
        }
        return outcome
    }

    private func readPool(_ section: MapReader, into outcome: inout Outcome) {
        guard let pool = section.map("worker_pool", keys: ConfigurationReader.keys("advanced", "worker_pool")),
            !pool.isEmpty
        else { return }
        outcome.workerPool.enabled = pool.bool("enabled") ?? true
        if let least = pool.int("min_workers", in: 0...100_000) { outcome.workerPool.minWorkers = least }
        outcome.workerPool.maxWorkers = pool.int("max_workers", in: 1...100_000)
        if let idle = pool.duration("idle_timeout", in: MapReader.anyDuration) { outcome.workerPool.idleTimeout = idle }
        if let most = outcome.workerPool.maxWorkers, most < outcome.workerPool.minWorkers {
            pool.error("max_workers", "\(most) is less than min_workers (\(outcome.workerPool.minWorkers))")
        }
        if outcome.workerPool.enabled {
            section.notActedOn("worker_pool", "every task gets a process of its own")
        }
    }

    private func readInheritance(_ security: MapReader, into outcome: inout Outcome) {
        let key = "allow_environment_variables"
        guard let value = security.value(key) else { return }
        switch value.content {
        case .list:
            let names = security.texts(key, of: "names") ?? []
            outcome.inheritedNames = EnvironmentNames.checked(names, security.log)
        case .scalar(let scalar) where scalar.isSubstituted && !EnvironmentNames.isBool(scalar.text):
            let words = scalar.text.split { $0 == "," || $0 == " " }
            outcome.inheritedNames = EnvironmentNames.checked(words.map { (String($0), value) }, security.log)
        default:
            guard let mayInherit = ScalarReader(value, security.log).bool("true, false or a list of names") else {
                return
            }
            outcome.mayInherit = mayInherit
        }
    }
}
