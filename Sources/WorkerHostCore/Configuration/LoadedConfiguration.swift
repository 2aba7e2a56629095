/// A configuration that can be used, with what its author should know about it.
public struct LoadedConfiguration: Sendable, Hashable {
    /// The configuration.
    public var configuration: HostConfiguration
    /// What has no effect in this version, or is probably a mistake; in the order of the file.
    public var warnings: [ConfigurationIssue]
    /// The text that it was read from, as it was written: nothing from the environment is in it.
    public var text: String

    /// A loaded configuration.
    public init(configuration: HostConfiguration, warnings: [ConfigurationIssue] = [], text: String = "") {
        self.configuration = configuration
        self.warnings = warnings
        self.text = text
    }
}
