#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// A system call that failed.
public struct SystemError: Error, Sendable, Hashable, CustomStringConvertible {
    /// The errno.
    public let code: Int32
    /// What was attempted.
    public let action: String

    /// An error with its errno.
    public init(_ code: Int32, _ action: String) {
        self.code = code
        self.action = action
    }

    /// The errno as text.
    public var reason: String { Self.reason(code) }

    /// What was attempted and why it failed.
    public var description: String { "cannot \(action): \(reason)" }

    static func reason(_ code: Int32) -> String {
        var buffer = [CChar](repeating: 0, count: 256)
        guard strerror_r(code, &buffer, buffer.count) == 0 else { return "errno \(code)" }
        return buffer.withUnsafeBufferPointer { pointer in
            pointer.baseAddress.map { String(cString: $0) } ?? "errno \(code)"
        }
    }
}
