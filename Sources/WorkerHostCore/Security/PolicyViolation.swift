/// Something about a worker's files that keeps it from being started, or makes it unsafe to.
public struct PolicyViolation: Sendable, Hashable, CustomStringConvertible {
    /// The worker's name.
    public let worker: String
    /// The key of the configuration that names the path.
    public let key: String
    /// The file or directory that is meant; it may lie above the configured path, or behind a symbolic link.
    public let path: String
    /// What is wrong with it.
    public let message: String
    /// What to do.
    public let advice: String
    /// Whether the worker could be started, but others could put something else in its place.
    public let isAboutSafety: Bool

    /// All of it on one line.
    public var description: String {
        "worker '\(worker)': \(key): \(path) \(message): \(advice)"
    }
}
