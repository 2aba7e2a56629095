public import WorkerHostCore

extension HTTPClientSettings {
    /// What a configuration says about calls of its TaskManager.
    public init(_ manager: TaskManagerConfiguration) {
        self.init(
            apiKey: manager.apiKey, allowsInsecure: manager.connection.allowsInsecure,
            caFile: manager.connection.caFile, clientCertificate: manager.connection.clientCertificate,
            clientKey: manager.connection.clientKey, proxy: manager.connection.proxy, timeout: manager.timeout)
    }
}

extension HTTPTaskManager.Options {
    /// What a configuration says about its TaskManager. Types of workers with a schema are registered if it says so.
    public init(_ configuration: HostConfiguration) {
        let manager = configuration.taskManager
        var registrations: [TaskTypeRegistration] = []
        for worker in configuration.workers where manager.connection.registersTaskTypes {
            guard let schema = worker.schema, schema.isObject else { continue }
            let version = Self.version(worker.metadata)
            for type in worker.taskTypes where TaskTypeSelection.prefix(of: type) == nil {
                registrations.append(TaskTypeRegistration(name: type, version: version, schema: schema))
            }
        }
        self.init(
            client: HTTPClientSettings(manager), pollInterval: manager.pollInterval,
            claimTimeout: manager.claimTimeout, retryBackoff: manager.retryBackoff, registrations: registrations)
    }

    /// `version` of a worker's metadata; the API wants one.
    private static func version(_ metadata: RawJSON) -> String {
        let usual = "1.0.0"
        // Metadata that is no JSON has no version.
        guard case .object(let members)? = try? JSONValue(metadata) else { return usual }
        switch members["version"] {
        case .string(let text)? where !text.isEmpty: return String(text.prefix(50))
        case .number(let number)?: return String(number.text.prefix(50))
        default: return usual
        }
    }
}
