/// Limits on what a configuration may start.
public struct SecurityConfiguration: Sendable, Hashable {
    /// Whether workers' paths are checked before use: they exist, and nobody else can write to them.
    public var validateWorkerPaths: Bool
    /// Python modules that no worker may run; a name covers its submodules.
    public var restrictedModules: [String]

    /// Security with the defaults of the file.
    public init(validateWorkerPaths: Bool = true, restrictedModules: [String] = []) {
        self.validateWorkerPaths = validateWorkerPaths
        self.restrictedModules = restrictedModules
    }
}
