import Foundation

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// Reads small files whole, and says plainly why one cannot be read.
enum TextFile {
    /// More than any configuration has; a device or a wrong file is not read to its end.
    static let maxBytes = 16 << 20

    /// Why a file cannot be read; the text follows the file's name.
    struct Failure: Error {
        let text: String
    }

    static func bytes(of path: String) throws(Failure) -> [UInt8] {
        var status = stat()
        guard stat(path, &status) == 0 else { throw failure(errno) }
        guard status.st_mode & S_IFMT != S_IFDIR else {
            throw Failure(text: "is a directory: give the path of the file itself")
        }
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw failure(errno) }
        defer { close(descriptor) }
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 64 << 10)
        while true {
            let count = read(descriptor, &chunk, chunk.count)
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw failure(errno) }
            if count == 0 { return bytes }
            bytes += chunk[..<count]
            if bytes.count > maxBytes {
                throw Failure(text: "is larger than \(maxBytes >> 20) MiB: is it the right file?")
            }
        }
    }

    private static func failure(_ code: Int32) -> Failure {
        switch code {
        case ENOENT, ENOTDIR: Failure(text: "does not exist: check the path")
        case EACCES, EPERM: Failure(text: "cannot be read: permission denied (check the rights of user \(getuid()))")
        default: Failure(text: "cannot be read: \(String(cString: strerror(code))) (check the disk and the path)")
        }
    }
}
