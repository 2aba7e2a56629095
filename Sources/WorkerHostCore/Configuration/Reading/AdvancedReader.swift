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
        section = top.section("advanced", keys: ConfigurationReader.keys("advanced"))
    }

    func read() -> Outcome {
        var outcome = Outcome()
        guard let section else { return outcome }
        readPool(section, into: &outcome)
        if let limits = section.section(
            "resource_limits", keys: ConfigurationReader.keys("advanced", "resource_limits"))
        {
            outcome.maxMemoryMiB = limits.int("max_memory_mb", in: 1...WorkerReader.mostMiB, absence: "no limit")
            if limits.int("max_cpu_percent", in: 1...100_000, absence: "no limit") != nil {
                limits.notActedOn("max_cpu_percent", "processor time is not limited")
            }
        }
        if let security = section.section("security", keys: ConfigurationReader.keys("advanced", "security")) {
            outcome.security.validateWorkerPaths = security.bool(
                "validate_worker_paths", default: outcome.security.validateWorkerPaths)
            if let modules = security.texts(
                "restricted_modules", of: "module names", default: outcome.security.restrictedModules)
            {
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
        guard let pool = section.section("worker_pool", keys: ConfigurationReader.keys("advanced", "worker_pool"))
        else { return }
        outcome.workerPool.enabled = pool.bool("enabled", default: !pool.isEmpty)
        outcome.workerPool.minWorkers = pool.int(
            "min_workers", in: 0...100_000, default: outcome.workerPool.minWorkers)
        outcome.workerPool.maxWorkers = pool.int("max_workers", in: 1...100_000, absence: "the worker's concurrency")
        outcome.workerPool.idleTimeout = pool.duration(
            "idle_timeout", in: MapReader.anyDuration, default: outcome.workerPool.idleTimeout)
        if let most = outcome.workerPool.maxWorkers, most < outcome.workerPool.minWorkers {
            pool.error(
                "max_workers", "\(most) is less than min_workers", expected: "\(outcome.workerPool.minWorkers) or more")
        }
    }

    private func readInheritance(_ security: MapReader, into outcome: inout Outcome) {
        let key = "allow_environment_variables"
        let expectation = "true, false or a list of names"
        var allowed: (any FactValue)?
        switch security.value(key)?.content {
        case .list:
            outcome.inheritedNames = EnvironmentNames.checked(
                security.texts(key, of: "names") ?? [], security.log)
            allowed = outcome.inheritedNames
        case .scalar(let scalar) where scalar.isSubstituted && !EnvironmentNames.isBool(scalar.text):
            let words = scalar.text.split { $0 == "," || $0 == " " }
            let value = security.node(of: key)
            outcome.inheritedNames = EnvironmentNames.checked(words.map { (String($0), value) }, security.log)
            allowed = outcome.inheritedNames
        default:
            let mayInherit = security.scalar(key)?.bool(expectation)
            outcome.mayInherit = mayInherit ?? outcome.mayInherit
            allowed = mayInherit
        }
        security.note(key, allowed, default: true, expectation: expectation)
    }
}
