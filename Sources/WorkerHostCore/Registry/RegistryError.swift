/// Why a worker was not registered.
public struct RegistryError: Error, Sendable, CustomStringConvertible {
    /// What went wrong and what to do.
    public let description: String

    /// An error with its text.
    public init(_ description: String) {
        self.description = description
    }
}
