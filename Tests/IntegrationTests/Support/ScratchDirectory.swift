import Foundation

#if canImport(Glibc)
    import Glibc
#endif

/// A directory of a test's own, removed when the last reference to it goes.
final class ScratchDirectory: Sendable {
    /// Its absolute path.
    let path: String

    /// Makes an empty directory.
    init() throws {
        path = FileManager.default.temporaryDirectory.path + "/workerhost-test-" + UUID().uuidString
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    deinit {
        do { try FileManager.default.removeItem(atPath: path) } catch {
            print("A test's directory was not removed: \(error)")
        }
    }

    /// The path of a file inside.
    func file(_ name: String) -> String { path + "/" + name }

    /// Writes a file inside and tells its path.
    @discardableResult
    func write(_ name: String, _ text: String) throws -> String {
        let target = file(name)
        try FileManager.default.createDirectory(
            atPath: (target as NSString).deletingLastPathComponent, withIntermediateDirectories: true)
        // No process that another test just starts inherits the descriptor: a script that is open for writing cannot be run.
        let descriptor = open(target, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else { throw POSIXError(POSIXErrorCode(rawValue: errno) ?? .EIO) }
        try FileHandle(fileDescriptor: descriptor, closeOnDealloc: true).write(contentsOf: Data(text.utf8))
        return target
    }

    /// The text of a file inside.
    func read(_ name: String) throws -> String { try String(contentsOfFile: file(name), encoding: .utf8) }
}
