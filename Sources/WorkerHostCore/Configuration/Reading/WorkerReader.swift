/// Reads one element of `workers`.
struct WorkerReader {
    /// What a worker has that does not say otherwise.
    struct Defaults {
        var retryBackoff: Duration
        var limits: WorkerConfiguration.Limits
        var inheritedNames: [String]
        var mayInherit: Bool
        var restrictedModules: [String]
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
        worker.description = section.text("description") ?? ""
        readProcess(into: &worker)
        if let timeout = section.duration("timeout") { worker.timeout = timeout }
        if let grace = section.duration("stop_grace", in: MapReader.anyDuration) { worker.stopGrace = grace }
        worker.retry = retryPolicy()
        readMode(into: &worker)
        if let count = section.int("concurrency", in: 1...10_000) { worker.concurrency = count }
        readLimits(into: &worker.limits)
        readEnvironment(into: &worker)
        worker.schema = WorkerSchemaReader(section, paths: paths, worker: worker.name).read()
        if let metadata = section.value("metadata"), section.map("metadata", keys: Self.anyKeys(of: metadata)) != nil {
            worker.metadata = metadata.rawJSON()
        }
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
                log.error(node.origin, node.path, "the task type '\(text)' is given twice")
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
        let attempts = section.int("max_retries", in: 0...1_000_000) ?? 3
        let first = section.duration("retry_backoff", in: MapReader.anyDuration)
        let most = section.duration("retry_backoff_max", in: MapReader.anyDuration)
        let initial = first ?? defaults.retryBackoff
        if let first, let most, most < first {
            section.error("retry_backoff_max", "this is less than retry_backoff (\(DurationText.text(first)))")
        }
        // A first wait above the default cap raises the cap; one above an explicit cap is cut by it.
        let cap = most ?? max(.seconds(300), initial)
        return RetryPolicy(maxAttempts: attempts, backoff: .exponentialJitter(initial: min(initial, cap), cap: cap))
    }

    private func readMode(into worker: inout WorkerConfiguration) {
        if let mode = section.choice("mode", WorkerConfiguration.Mode.self) {
            worker.mode = mode
            if mode != .oneshot {
                section.notActedOn("mode", "the worker is run as 'oneshot', one process per task")
            }
        }
        if let format = section.choice("format", WorkerConfiguration.Format.self) {
            worker.format = format
            if format != .json { section.notActedOn("format", "tasks and replies are written as JSON") }
        }
        if let pool = section.value("pool"), section.map("pool", keys: Self.anyKeys(of: pool)) != nil {
            worker.pool = pool.rawJSON()
            section.notActedOn("pool", "every task gets a process of its own")
        }
        if let sandbox = section.value("sandbox") {
            worker.sandbox = sandbox.rawJSON()
            if worker.sandbox?.text != "false", worker.sandbox?.text != "{}" {
                section.notActedOn("sandbox", "the worker runs with the rights of the host")
            }
        }
    }

    /// Keys of a mapping whose keys are not fixed yet.
    private static func anyKeys(of node: SourceNode) -> [KeySpec] {
        guard case .map(let members) = node.content else { return [] }
        return members.map { KeySpec($0.key) }
    }

    private func readLimits(into limits: inout WorkerConfiguration.Limits) {
        guard let given = section.map("limits", keys: ConfigurationReader.keys("workers", "limits")) else { return }
        if let most = given.int("max_memory_mb", in: 1...Self.mostMiB) { limits.maxMemoryMiB = most }
        if let most = given.int("max_reply_bytes", in: 1024...(1 << 40)) { limits.maxReplyBytes = most }
        if let kept = given.int("kept_error_bytes", in: 0...(1 << 30)) { limits.keptErrorBytes = kept }
        if let most = given.int("max_open_files", in: 8...1_048_576) { limits.maxOpenFiles = most }
    }

    private func readEnvironment(into worker: inout WorkerConfiguration) {
        if let given = section.value("environment"),
            section.map("environment", keys: Self.anyKeys(of: given)) != nil, case .map(let members) = given.content
        {
            for member in members {
                if let problem = EnvironmentNames.problem(member.key) {
                    log.error(member.keyOrigin, member.value.path, problem)
                } else if let text = ScalarReader(member.value, log).anyText("a text (use \"\" for an empty one)") {
                    worker.environment[member.key] = text
                }
            }
        }
        worker.inheritedEnvironment = defaults.inheritedNames
        guard let names = section.texts("inherit_environment", of: "names of environment variables") else { return }
        worker.inheritedEnvironment = EnvironmentNames.checked(names, log)
        if !defaults.mayInherit, !names.isEmpty {
            section.error(
                "inherit_environment",
                "no variable can be inherited while advanced.security.allow_environment_variables is false")
        }
    }
}
