import Foundation

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// A directory for one attempt without a host: its `TMPDIR`, and beside it what a debugger needs. Blocking.
public final class AttemptDirectory: Sendable {
    /// The directory; absolute.
    public let path: String
    /// What the worker gets as `TMPDIR`: empty at the start.
    public let temporary: String

    /// Makes a directory in the `TMPDIR` of the environment, or in `/tmp` if there is none or its path is so long that
    /// sockets inside would fail.
    /// - Throws: ``SystemError``.
    public init(environment: [String: String]) throws(SystemError) {
        let name = "workerhost-XXXXXX"
        let own = environment["TMPDIR"].flatMap { $0.hasPrefix("/") ? $0 : nil } ?? "/tmp"
        let isShort = own.utf8.count + name.utf8.count + "//tmp".utf8.count <= ScratchSpace.longestPath
        path = try Self.make(template: "\(isShort ? own : "/tmp")/\(name)")
        temporary = "\(path)/tmp"
        guard mkdir(temporary, 0o700) == 0 else {
            let error = SystemError(errno, "create \(temporary)")
            rmdir(path)
            throw error
        }
    }

    /// Keeps a text beside the `TMPDIR`, readable for this user only.
    /// - Returns: the file's path.
    /// - Throws: ``SystemError``.
    public func store(_ bytes: [UInt8], as name: String) throws(SystemError) -> String {
        let file = "\(path)/\(name)"
        let descriptor = open(file, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw SystemError(errno, "create \(file)") }
        defer { close(descriptor) }
        var start = 0
        while start < bytes.count {
            let count = bytes[start...].withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
            if count > 0 {
                start += count
            } else if count == 0 || errno != EINTR {
                throw SystemError(errno, "write \(file)")
            }
        }
        return file
    }

    /// Removes the directory with everything inside.
    public func remove() {
        ScratchDirectory.removeTree(path)
    }

    private static func make(template: String) throws(SystemError) -> String {
        var bytes = Array(template.utf8CString)
        guard bytes.withUnsafeMutableBufferPointer({ $0.baseAddress.flatMap { mkdtemp($0) } }) != nil else {
            throw SystemError(errno, "create \(template)")
        }
        return String(decoding: bytes.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
    }
}
