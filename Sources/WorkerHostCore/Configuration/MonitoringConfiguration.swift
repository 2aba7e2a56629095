/// Metrics, health and observers.
public struct MonitoringConfiguration: Sendable, Hashable {
    /// An observer of the file.
    public struct ObserverEntry: Sendable, Hashable {
        /// The bundled kinds.
        public enum Kind: String, Sendable, Hashable, CaseIterable {
            /// Writes events to the log.
            case logging
            /// Counts.
            case metrics
            /// Alerts.
            case alerting
        }

        /// The kind.
        public var kind: Kind
        /// Whether it is used.
        public var enabled: Bool

        /// An entry.
        public init(kind: Kind, enabled: Bool = true) {
            self.kind = kind
            self.enabled = enabled
        }
    }

    /// A page that is served over HTTP.
    public struct Endpoint: Sendable, Hashable {
        /// Whether it is served.
        public var enabled: Bool
        /// The TCP port.
        public var port: Int
        /// The path, beginning with `/`.
        public var path: String

        /// An endpoint.
        public init(enabled: Bool = false, port: Int, path: String) {
            self.enabled = enabled
            self.port = port
            self.path = path
        }
    }

    /// Whether anything is served.
    public var enabled: Bool
    /// Prometheus metrics; this version serves none.
    public var metrics: Endpoint
    /// Health checks; this version serves none.
    public var healthCheck: Endpoint
    /// The observers; without any, the logging observer is used.
    public var observers: [ObserverEntry]

    /// Monitoring with the defaults of the file.
    public init(
        enabled: Bool = true, metrics: Endpoint = Endpoint(port: 9090, path: "/metrics"),
        healthCheck: Endpoint = Endpoint(port: 8080, path: "/health"),
        observers: [ObserverEntry] = [ObserverEntry(kind: .logging)]
    ) {
        self.enabled = enabled
        self.metrics = metrics
        self.healthCheck = healthCheck
        self.observers = observers
    }
}
