import Foundation
import Synchronization

#if canImport(Glibc)
    import Glibc
#endif

/// Standard error, shared by messages, log lines and the progress line, so that none writes into another.
final class Talk: Sendable {
    /// The program's standard error.
    static let shared = Talk()

    private struct State {
        var footer = ""
    }

    private let state = Mutex(State())

    /// Writes one line (or several) in one system call; a line that cannot be written is dropped: there is nowhere
    /// left to say so.
    func line(_ text: String) {
        write(line: Array(text.utf8) + [0x0A])
    }

    /// Writes bytes that end with a line end; false if they were lost.
    @discardableResult
    func write(line bytes: [UInt8]) -> Bool {
        state.withLock { state in
            let hasFooter = !state.footer.isEmpty
            let all = hasFooter ? Array("\r\u{1B}[K".utf8) + bytes + Array(state.footer.utf8) : bytes
            return Self.writeAll(all)
        }
    }

    /// Shows a line that is drawn anew below all others; an empty text takes it away.
    func setFooter(_ text: String) {
        state.withLock { state in
            guard state.footer != text else { return }
            state.footer = text
            _ = Self.writeAll(Array("\r\u{1B}[K\(text)".utf8))
        }
    }

    private static func writeAll(_ bytes: [UInt8]) -> Bool {
        var start = 0
        while start < bytes.count {
            let count = bytes[start...].withUnsafeBytes { Glibc.write(STDERR_FILENO, $0.baseAddress, $0.count) }
            if count > 0 {
                start += count
            } else if count < 0, errno == EAGAIN {
                var entry = pollfd(fd: STDERR_FILENO, events: Int16(POLLOUT), revents: 0)
                poll(&entry, 1, -1)
            } else if count == 0 || errno != EINTR {
                return false
            }
        }
        return true
    }
}
