/// Reads `task_manager`.
struct TaskManagerReader {
    let log: IssueLog
    let paths: PathResolver
    let available: [TaskManagerConfiguration.Kind]
    let stateDirectory: String

    func read(_ top: MapReader) -> TaskManagerConfiguration? {
        let names = available.map(\.rawValue).joined(separator: ", ")
        guard top.require("task_manager", "a mapping with at least 'type' (available: \(names))"),
            let section = top.map("task_manager", keys: ConfigurationReader.keys("task_manager"))
        else { return nil }
        section.require(
            "type", "one of \(TaskManagerConfiguration.Kind.allCases.map(\.rawValue).joined(separator: ", "))")
        let kind = section.choice("type", TaskManagerConfiguration.Kind.self)
        if let kind, !available.contains(kind) {
            section.error("type", "this version has no adapter for '\(kind.rawValue)'; available: \(names)")
        }
        var configuration = TaskManagerConfiguration(kind: kind ?? .sqlite)
        readPlace(section, into: &configuration)
        if let wait = section.duration("poll_interval") { configuration.pollInterval = wait }
        if let timeout = section.duration("timeout") { configuration.timeout = timeout }
        if let tries = section.int("max_retries", in: 0...1_000_000) { configuration.maxRetries = tries }
        if let wait = section.duration("retry_backoff", in: MapReader.anyDuration) { configuration.retryBackoff = wait }
        if let claim = section.duration("claim_timeout", in: .seconds(1) ... .seconds(366 * 86_400)) {
            configuration.claimTimeout = claim
        }
        if let types = section.choice("unknown_types", TaskManagerConfiguration.UnknownTypes.self) {
            configuration.unknownTypes = types
        }
        if let durability = section.choice("durability", TaskManagerConfiguration.Durability.self) {
            configuration.durability = durability
        }
        if let keep = section.map("keep", keys: ConfigurationReader.keys("task_manager", "keep")) {
            configuration.keep = RetentionReader(section: keep).read()
        }
        if let retries = section.choice("retries", TaskManagerConfiguration.Retries.self) {
            configuration.retries = retries
            if retries == .taskManager {
                section.notActedOn("retries", "failed tasks are repeated by the host")
            }
        }
        return kind == nil ? nil : configuration
    }

    private func readPlace(_ section: MapReader, into configuration: inout TaskManagerConfiguration) {
        configuration.url = section.text("url")
        if let key = section.value("api_key") {
            configuration.apiKey = ScalarReader(key, log).anyText("a text").flatMap { $0.isEmpty ? nil : Secret($0) }
        }
        let path = section.text("path", allowsEmpty: false)
        guard configuration.kind == .sqlite else { return }
        configuration.path = path.map(paths.absolute) ?? "\(stateDirectory)/queue.sqlite"
        for key in ["url", "api_key"] where section.has(key) {
            section.warning(key, "a TaskManager of type sqlite does not use this key")
        }
    }
}
