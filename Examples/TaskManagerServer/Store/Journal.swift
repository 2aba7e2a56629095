import Dispatch
import Foundation

/// A file that only grows: one line for each change that was accepted.
///
/// A line is written before its change is answered, so a killed server has lost nothing that it had said. Writing goes
/// through a queue of its own, for a full disk or a slow one may block.
final class Journal: Sendable {
    private let descriptor: Int32
    private let queue = DispatchQueue(label: "taskmanagerserver.journal")
    private let path: String

    /// Opens the file and hands over what it holds.
    init(path: String, replay: (JournalEntry) -> Void) throws {
        self.path = path
        descriptor = open(path, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw Self.failure("opened", path) }
        let content = try Data(contentsOf: URL(fileURLWithPath: path))
        for line in content.split(separator: 0x0A) {
            if let entry = JournalEntry(line: line) { replay(entry) }
        }
        // What a kill has cut off stays a line of its own, which is not read.
        if let last = content.last, last != 0x0A { try Self.write([0x0A], to: descriptor, path) }
    }

    deinit { close(descriptor) }

    /// Appends lines; when this returns they outlive this process.
    func append(_ entries: [JournalEntry]) async throws {
        guard !entries.isEmpty else { return }
        let bytes = entries.flatMap(\.line)
        try await withCheckedThrowingContinuation { (continuation: CheckedContinuation<Void, any Error>) in
            queue.async { [descriptor, path] in
                continuation.resume(with: Result { try Self.write(bytes, to: descriptor, path) })
            }
        }
    }

    private static func write(_ bytes: [UInt8], to descriptor: Int32, _ path: String) throws {
        var done = 0
        while done < bytes.count {
            let count = bytes[done...].withUnsafeBytes { Foundation.write(descriptor, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { throw failure("written to", path) }
            done += count
        }
    }

    private static func failure(_ what: String, _ path: String) -> ServerError {
        ServerError("The journal '\(path)' cannot be \(what): \(String(cString: strerror(errno))).")
    }
}
