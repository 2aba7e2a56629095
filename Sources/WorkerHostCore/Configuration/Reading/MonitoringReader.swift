/// Reads `monitoring`.
struct MonitoringReader {
    let log: IssueLog

    func read(_ top: MapReader) -> MonitoringConfiguration {
        var monitoring = MonitoringConfiguration()
        guard let section = top.section("monitoring", keys: ConfigurationReader.keys("monitoring")) else {
            return monitoring
        }
        monitoring.enabled = section.bool("enabled", default: monitoring.enabled)
        read("metrics", "metrics_port", section, monitoring.enabled, into: &monitoring.metrics)
        read("health_check", "health_check_port", section, monitoring.enabled, into: &monitoring.healthCheck)
        if let observers = observers(section) {
            monitoring.observers = observers
        } else if !section.has("observers") {
            noteDefaults(section, monitoring.observers)
        }
        return monitoring
    }

    private func read(
        _ key: String, _ portKey: String, _ section: MapReader, _ isEnabled: Bool,
        into endpoint: inout MonitoringConfiguration.Endpoint
    ) {
        // The short form and the section say the same; the section wins.
        let isShort = section.has(portKey)
        let basis = isShort ? section.path(portKey) : nil
        let ports = 1...65_535
        endpoint.port = section.int(portKey, in: ports, default: endpoint.port)
        endpoint.enabled = isShort || section.has(key)
        if let below = section.section(key, keys: ConfigurationReader.keys("monitoring", key)) {
            endpoint.enabled = below.bool("enabled", default: endpoint.enabled, from: below.isEmpty ? basis : nil)
            endpoint.port = below.int("port", in: ports, default: endpoint.port, from: basis)
            let path = below.scalar("path")?.text(allowsEmpty: false)
            let isUsable = path?.hasPrefix("/") ?? false
            if let path, !isUsable {
                below.error("path", "the path '\(path)' does not begin with '/': write '/\(path)'")
            }
            endpoint.path =
                below.noted(
                    "path", isUsable ? path : nil, default: endpoint.path, expectation: "a path that begins with '/'")
                ?? endpoint.path
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
            let enabled = entry.bool("enabled", default: true)
            guard let kind = entry.choice("type", MonitoringConfiguration.ObserverEntry.Kind.self) else { return nil }
            if enabled, kind != .logging {
                entry.notActedOn("type", "there is no '\(kind.rawValue)' observer yet")
            }
            return MonitoringConfiguration.ObserverEntry(kind: kind, enabled: enabled)
        }
    }
    /// The observers that a host has if the file names none.
    private func noteDefaults(_ section: MapReader, _ observers: [MonitoringConfiguration.ObserverEntry]) {
        for (index, observer) in observers.enumerated() {
            guard let entry = section.element(index, of: "observers") else { continue }
            _ = entry.noteChoice("type", nil, default: observer.kind)
            entry.noted("enabled", nil, default: observer.enabled, expectation: "true or false")
        }
    }
}
