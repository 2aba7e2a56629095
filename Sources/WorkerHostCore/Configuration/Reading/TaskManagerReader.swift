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
        if kind == .http { configuration.claimTimeout = .seconds(300) }
        readPlace(section, into: &configuration)
        configuration.pollInterval = section.duration("poll_interval", default: configuration.pollInterval)
        configuration.timeout = section.duration("timeout", default: configuration.timeout)
        configuration.maxRetries = section.int("max_retries", in: 0...1_000_000, default: configuration.maxRetries)
        configuration.retryBackoff = section.duration(
            "retry_backoff", in: MapReader.anyDuration, default: configuration.retryBackoff)
        configuration.claimTimeout = section.duration(
            "claim_timeout", in: .seconds(1) ... .seconds(366 * 86_400), default: configuration.claimTimeout,
            from: kind == .http ? "what the server has unless it is told otherwise" : nil)
        configuration.unknownTypes = section.choice("unknown_types", default: configuration.unknownTypes)
        configuration.durability = section.choice("durability", default: configuration.durability)
        if let keep = RetentionReader(section)?.read() { configuration.keep = keep }
        configuration.retries = section.choice("retries", default: configuration.retries)
        if configuration.retries == .taskManager, configuration.kind == .sqlite {
            section.notActedOn("retries", "failed tasks are repeated by the host")
        }
        return kind == nil ? nil : configuration
    }

    private func readPlace(_ section: MapReader, into configuration: inout TaskManagerConfiguration) {
        configuration.url = section.text("url")
        let key = section.scalar("api_key")?.anyText("a text")
        configuration.apiKey = key.flatMap { $0.isEmpty ? nil : Secret($0) }
        section.noted("api_key", key.map { $0.isEmpty ? "" : Masking.mask }, default: nil, expectation: "a text")
        configuration.connection = readConnection(section)
        let isFile = configuration.kind == .sqlite
        let path = section.path(
            "path", paths.absolute, default: isFile ? "\(stateDirectory)/queue.sqlite" : nil, from: "state_dir")
        if isFile { configuration.path = path }
        if configuration.kind == .http, available.contains(.http) {
            checkAddress(section, configuration)
        }
        let remoteKeys = [
            "url", "api_key", "allow_insecure", "ca_file", "client_certificate", "client_key", "proxy",
            "register_task_types",
        ]
        for key in isFile ? remoteKeys : ["path", "unknown_types", "durability", "keep"] where section.has(key) {
            section.warning(key, "a TaskManager of type \(configuration.kind.rawValue) does not use this key")
        }
    }

    private func readConnection(_ section: MapReader) -> TaskManagerConfiguration.Connection {
        var connection = TaskManagerConfiguration.Connection()
        connection.allowsInsecure = section.bool("allow_insecure", default: false)
        connection.caFile = section.path("ca_file", paths.absolute, absence: "the system's certificates")
        connection.clientCertificate = section.path("client_certificate", paths.absolute)
        connection.clientKey = section.path("client_key", paths.absolute)
        let proxy = section.scalar("proxy")?.text()
        section.noted(
            "proxy", proxy.map { $0.contains("@") ? Masking.mask : $0 }, default: nil,
            absence: "what the environment names", expectation: "a text")
        connection.proxy = proxy.map { Secret($0) }
        connection.registersTaskTypes = section.bool("register_task_types", default: false)
        return connection
    }

    private func checkAddress(_ section: MapReader, _ configuration: TaskManagerConfiguration) {
        let expectation = "the API's address with its path, for example https://tasks.example.org/api"
        guard section.require("url", expectation), let url = configuration.url else { return }
        do throws(ServerAddressError) {
            try ServerAddress(url).check(allowsInsecure: configuration.connection.allowsInsecure)
        } catch {
            section.error("url", error.description, expected: expectation)
        }
        let connection = configuration.connection
        if (connection.clientCertificate == nil) != (connection.clientKey == nil) {
            section.error(
                connection.clientKey == nil ? "client_certificate" : "client_key",
                "a client's certificate and its key belong together: give both client_certificate and client_key")
        }
    }
}
