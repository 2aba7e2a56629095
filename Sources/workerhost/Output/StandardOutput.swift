import Foundation

#if canImport(Glibc)
    import Glibc
#endif

/// Where commands write data: standard output, in blocks.
///
/// When the reader has gone (`| head`), everything after that is dropped and ``isClosed`` tells, so that a command that
/// only shows things can end early, and one that does things can go on.
@MainActor
final class StandardOutput {
    private static let blockSize = 1 << 16

    /// Whether nobody reads any more.
    private(set) var isClosed = false
    private var buffer: [UInt8] = []
    private let descriptor: Int32

    /// Writes to a descriptor.
    init(descriptor: Int32 = STDOUT_FILENO) {
        self.descriptor = descriptor
        buffer.reserveCapacity(2 * Self.blockSize)
    }

    /// Adds a text.
    func write(_ text: String) throws { try write(text.utf8) }

    /// Adds a text and a line end.
    func line(_ text: String) throws {
        try write(text.utf8)
        try write(CollectionOfOne(0x0A))
    }

    /// Adds bytes.
    /// - Throws: ``CommandFailure`` if they cannot be written for another reason than a reader that has gone.
    func write(_ bytes: some Sequence<UInt8>) throws {
        guard !isClosed else { return }
        buffer.append(contentsOf: bytes)
        if buffer.count >= Self.blockSize { try flush() }
    }

    /// Writes what was added so far.
    /// - Throws: ``CommandFailure`` if it cannot be written.
    func flush() throws {
        var start = 0
        defer { buffer.removeAll(keepingCapacity: true) }
        while start < buffer.count, !isClosed {
            let count = buffer[start...].withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if count >= 0 {
                start += count
            } else if errno == EPIPE {
                isClosed = true
            } else if errno == EAGAIN {
                var entry = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
                poll(&entry, 1, -1)
            } else if errno != EINTR {
                let reason = String(cString: strerror(errno))
                isClosed = true
                throw CommandFailure(
                    .failed, "Standard output could not be written: \(reason). Check the disk it goes to.")
            }
        }
    }
}

extension StandardOutput {
    /// Prints a report, as one JSON object or as lines for people, and sends it off.
    func report(asJSON isJSON: Bool, json: () -> [UInt8], lines: (Terminal) -> [String]) throws {
        if isJSON {
            try write(json())
            try line("")
        } else {
            for text in lines(.output) { try line(text) }
        }
        try flush()
    }
}
