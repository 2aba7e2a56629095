/// Whether work can flow through a part of the host.
public enum HealthStatus: Sendable, Hashable {
    /// It can.
    case healthy
    /// It can, but something is wrong.
    case degraded(reason: String)
    /// It cannot.
    case unhealthy(reason: String)

    /// Whether work can flow.
    public var isUsable: Bool {
        if case .unhealthy = self { false } else { true }
    }
}
