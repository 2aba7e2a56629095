/// Reads one element of `workers`.
struct WorkerReader {
    /// What a worker has that does not say otherwise.
    struct Defaults {
        var retryBackoff: Duration
        var limits: WorkerConfiguration.Limits
        var pool: WorkerPoolConfiguration
        var inheritedNames: [String]
        var mayInherit: Bool
        var restrictedModules: [String]
        /// What a TaskManager that cannot prolong claims demands of its workers; nil for others.
        var claims: ClaimLimits?
    }

    /// More mebibytes than this cannot be counted in bytes.
    static let mostMiB = Int.max >> 21

    let section: MapReader
    let log: IssueLog
    let paths: PathResolver
    let defaults: Defaults

    init(_ section: MapReader, log: IssueLog, paths: PathResolver, defaults: Defaults) {
        self.section = section
        self.log = log
        self.paths = paths
        self.defaults = defaults
    }

    /// The worker, or nil if it has no usable name or task type; errors are in the log either way.
    func read() -> WorkerConfiguration? {
        section.require("name", "a text")
        section.require("task_types", "a list of task types, written 'Name', 'Prefix.*' or '*'")
        let name = section.text("name", allowsEmpty: false)
        let types = taskTypes()
        var worker = WorkerConfiguration(
            name: name ?? "", projectPath: paths.base, taskTypes: types, limits: defaults.limits)
        worker.description = section.text("description", default: worker.description) ?? ""
        if readKind(into: &worker) { readProcess(into: &worker) }
        if let claims = defaults.claims { worker.timeout = min(worker.timeout, claims.usualTimeout) }
        worker.timeout = section.duration(
            "timeout", default: worker.timeout, from: defaults.claims == nil ? nil : "task_manager.claim_timeout")
        worker.stopGrace = section.duration("stop_grace", in: MapReader.anyDuration, default: worker.stopGrace)
        worker.retry = retryPolicy()
        readMode(into: &worker)
        worker.concurrency = section.int(
            "concurrency", in: 1...10_000, default: worker.concurrency, from: "the number of processor cores")
        readLimits(into: &worker.limits)
        if let pool = PoolReader(section, standard: defaults.pool)?.read() { worker.pool = pool }
        if section.has("pool"), worker.mode != .pool {
            section.warning("pool", "this key is only for workers with 'mode: pool'")
        }
        if let fork = ForkReader(section)?.read() { worker.fork = fork }
        if section.has("fork"), worker.mode != .fork {
            section.warning("fork", "this key is only for workers with 'mode: fork'")
        }
        if let batch = BatchReader(section)?.read() { worker.batch = batch }
        if section.has("batch"), worker.mode != .batch {
            section.warning("batch", "this key is only for workers with 'mode: batch'")
        }
        readEnvironment(into: &worker)
        worker.schema = WorkerSchemaReader(section, paths: paths, worker: worker.name).read()
        let hasMetadata = section.freeMap("metadata") != nil
        if hasMetadata { worker.metadata = section.node(of: "metadata").rawJSON() }
        section.noteFree("metadata", isUsable: hasMetadata, expectation: "a mapping")
        if let claims = defaults.claims { checkFit(worker, claims) }
        return name == nil || types.isEmpty ? nil : worker
    }

    private func taskTypes() -> [String] {
        guard let items = section.texts("task_types", of: "task types") else { return [] }
        if items.isEmpty, case .list(let all)? = section.value("task_types")?.content, all.isEmpty {
            section.error("task_types", "this list is empty", expected: "at least one task type")
        }
        var known = Set<String>()
        for (text, node) in items {
            if !known.insert(text).inserted {
                log.error(node.origin, node.path, "the task type '\(text)' is given twice: remove one")
            } else if !Self.isSelector(text) {
                log.error(
                    node.origin, node.path, "'\(text)' is no task type", expected: "'Name', 'Prefix.*' or '*'")
            }
        }
        return items.map(\.text)
    }

    private static func isSelector(_ text: String) -> Bool {
        let body = TaskTypeSelection.prefix(of: text) == nil ? text : String(text.dropLast())
        return !text.hasPrefix("!") && !body.contains("*") && !body.contains(where: \.isWhitespace)
    }

    private func retryPolicy() -> RetryPolicy {
        let usual = RetryPolicy()
        let attempts = section.int("max_retries", in: 0...1_000_000, default: usual.maxAttempts)
        let range = MapReader.anyDuration
        let first = section.scalar("retry_backoff")?.duration(in: range)
        let most = section.scalar("retry_backoff_max")?.duration(in: range)
        let initial = first ?? defaults.retryBackoff
        if let first, let most, most < first {
            let least = DurationText.text(first)
            section.error(
                "retry_backoff_max", "\(DurationText.text(most)) is less than retry_backoff",
                expected: "\(least) or more")
        }
        // A first wait above the default cap raises the cap; one above an explicit cap is cut by it.
        let raised = max(usual.backoff.cap, initial)
        let cap = most ?? raised
        let isCut = initial > cap
        let expectation = MapReader.expectation(range)
        section.noted(
            "retry_backoff", first, default: min(defaults.retryBackoff, cap),
            from: isCut ? section.path("retry_backoff_max") : "task_manager.retry_backoff", expectation: expectation)
        section.noted(
            "retry_backoff_max", most, default: raised,
            from: raised > usual.backoff.cap ? section.path("retry_backoff") : nil, expectation: expectation)
        return RetryPolicy(maxAttempts: attempts, backoff: .exponentialJitter(initial: min(initial, cap), cap: cap))
    }

    private func readMode(into worker: inout WorkerConfiguration) {
        worker.mode = section.choice("mode", default: worker.mode)
        worker.format = section.choice("format", default: worker.format)
        if worker.format != .json, worker.mode != .pool {
            section.warning("format", "this key is only for workers with 'mode: pool'; this one gets JSON")
        }
        section.noteFree("sandbox", isUsable: true, expectation: "a mapping, or false")
        if let sandbox = section.value("sandbox") {
            worker.sandbox = sandbox.rawJSON()
            if worker.sandbox?.text != "false", worker.sandbox?.text != "{}" {
                section.notActedOn("sandbox", "the worker runs with the rights of the host")
            }
        }
    }

    private func readLimits(into limits: inout WorkerConfiguration.Limits) {
        guard let given = section.section("limits", keys: ConfigurationReader.keys("workers", "limits")) else { return }
        limits.maxMemoryMiB = given.int(
            "max_memory_mb", in: 1...Self.mostMiB, default: limits.maxMemoryMiB,
            from: "advanced.resource_limits.max_memory_mb", absence: "no limit")
        limits.maxReplyBytes = given.int("max_reply_bytes", in: 1024...(1 << 40), default: limits.maxReplyBytes)
        limits.keptErrorBytes = given.int("kept_error_bytes", in: 0...(1 << 30), default: limits.keptErrorBytes)
        limits.maxOpenFiles = given.int(
            "max_open_files", in: 8...1_048_576, default: limits.maxOpenFiles, absence: "the host's own soft limit")
    }

    private func readEnvironment(into worker: inout WorkerConfiguration) {
        let members = section.freeMap("environment")
        section.noteFree("environment", isUsable: members != nil, expectation: "a mapping of names and texts")
        for member in members ?? [] {
            let expectation = "a text (use \"\" for an empty one)"
            var shown: String?
            if let problem = EnvironmentNames.problem(member.key) {
                log.error(member.keyOrigin, member.value.path, problem)
            } else if let text = ScalarReader(member.value, log).anyText(expectation) {
                worker.environment[member.key] = text
                if case .scalar(let scalar) = member.value.content { shown = Masking.text(scalar, name: member.key) }
            }
            log.facts.record(
                member.value.path, member.value, value: shown, standard: nil, from: nil, absence: "none",
                expectation: expectation)
        }
        worker.inheritedEnvironment = defaults.inheritedNames
        let names = section.texts(
            "inherit_environment", of: "names of environment variables", default: defaults.inheritedNames,
            from: defaults.inheritedNames.isEmpty ? nil : "advanced.security.allow_environment_variables")
        guard let names else { return }
        worker.inheritedEnvironment = EnvironmentNames.checked(names, log)
        if !defaults.mayInherit, !names.isEmpty {
            section.error(
                "inherit_environment",
                "no variable can be inherited while advanced.security.allow_environment_variables is false: "
                    + "remove this key, or allow it there")
        }
    }
}
