/// Reads `task_manager`.
struct TaskManagerReader {
    let log: IssueLog
    let paths: PathResolver
    let available: [TaskManagerConfiguration.Kind]
    let stateDirectory: String

    func read(_ top: MapReader) -> TaskManagerConfiguration? {
        let names = available.map(\.rawValue).joined(separator: ", ")
        guard top.require("task_manager", "a mapping with at least 'type' (available: \(names))"),
            let section = top.section("task_manager", keys: ConfigurationReader.keys("task_manager"))
        else { return nil }
        section.require(
            "type", "one of \(TaskManagerConfiguration.Kind.allCases.map(\.rawValue).joined(separator: ", "))")
        let kind = section.choice("type", TaskManagerConfiguration.Kind.self)
        if let kind, !available.contains(kind) {
            section.error("type", "this version has no adapter for '\(kind.rawValue)'; available: \(names)")
        }
        var configuration = TaskManagerConfiguration(kind: kind ?? .sqlite)
        readPlace(section, into: &configuration)
        configuration.pollInterval = section.duration("poll_interval", default: configuration.pollInterval)
        configuration.timeout = section.duration("timeout", default: configuration.timeout)
        configuration.maxRetries = section.int("max_retries", in: 0...1_000_000, default: configuration.maxRetries)
        configuration.retryBackoff = section.duration(
            "retry_backoff", in: MapReader.anyDuration, default: configuration.retryBackoff)
        configuration.claimTimeout = section.duration(
            "claim_timeout", in: .seconds(1) ... .seconds(366 * 86_400), default: configuration.claimTimeout)
        configuration.unknownTypes = section.choice("unknown_types", default: configuration.unknownTypes)
        configuration.durability = section.choice("durability", default: configuration.durability)
        if let keep = RetentionReader(section)?.read() { configuration.keep = keep }
        configuration.retries = section.choice("retries", default: configuration.retries)
        if configuration.retries == .taskManager {
            section.notActedOn("retries", "failed tasks are repeated by the host")
        }
        return kind == nil ? nil : configuration
    }

    private func readPlace(_ section: MapReader, into configuration: inout TaskManagerConfiguration) {
        configuration.url = section.text("url")
        let key = section.scalar("api_key")?.anyText("a text")
        configuration.apiKey = key.flatMap { $0.isEmpty ? nil : Secret($0) }
        section.noted("api_key", key.map { $0.isEmpty ? "" : Masking.mask }, default: nil, expectation: "a text")
        let isFile = configuration.kind == .sqlite
        let path = section.path(
            "path", paths.absolute, default: isFile ? "\(stateDirectory)/queue.sqlite" : nil, from: "state_dir")
        guard isFile else { return }
        configuration.path = path
        for key in ["url", "api_key"] where section.has(key) {
            section.warning(key, "a TaskManager of type sqlite does not use this key")
        }
    }
}
