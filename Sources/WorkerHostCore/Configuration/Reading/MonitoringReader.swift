/// Reads `monitoring`.
struct MonitoringReader {
    let log: IssueLog

    func read(_ top: MapReader) -> MonitoringConfiguration {
        var monitoring = MonitoringConfiguration()
        guard let section = top.map("monitoring", keys: ConfigurationReader.keys("monitoring")) else {
            return monitoring
        }
        if let enabled = section.bool("enabled") { monitoring.enabled = enabled }
        read("metrics", "metrics_port", section, monitoring.enabled, into: &monitoring.metrics)
        read("health_check", "health_check_port", section, monitoring.enabled, into: &monitoring.healthCheck)
        if let observers = observers(section) { monitoring.observers = observers }
        return monitoring
    }

    private func read(
        _ key: String, _ portKey: String, _ section: MapReader, _ isEnabled: Bool,
        into endpoint: inout MonitoringConfiguration.Endpoint
    ) {
        if let port = section.int(portKey, in: 1...65_535) {
            endpoint.port = port
            endpoint.enabled = true
        }
        let below = section.map(key, keys: ConfigurationReader.keys("monitoring", key))
        if let below {
            endpoint.enabled = below.bool("enabled") ?? true
            if let port = below.int("port", in: 1...65_535) { endpoint.port = port }
            if let path = below.text("path", allowsEmpty: false) {
                endpoint.path = path
                if !path.hasPrefix("/") { below.error("path", "the path '\(path)' does not begin with '/'") }
            }
        }
        if endpoint.enabled, isEnabled {
            section.notActedOn(section.has(key) ? key : portKey, "nothing is served over HTTP")
        }
    }

    private func observers(_ section: MapReader) -> [MonitoringConfiguration.ObserverEntry]? {
        section.list("observers", of: "mappings with 'type' and 'enabled'")?.compactMap { item in
            guard let entry = MapReader(item, keys: ConfigurationReader.keys("monitoring", "observers"), log: log)
            else { return nil }
            entry.require("type", "one of logging, metrics, alerting")
            let enabled = entry.bool("enabled") ?? true
            guard let kind = entry.choice("type", MonitoringConfiguration.ObserverEntry.Kind.self) else { return nil }
            if enabled, kind != .logging {
                entry.notActedOn("type", "there is no '\(kind.rawValue)' observer yet")
            }
            return MonitoringConfiguration.ObserverEntry(kind: kind, enabled: enabled)
        }
    }
}
