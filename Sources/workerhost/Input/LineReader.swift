import Foundation

#if canImport(Glibc)
    import Glibc
#endif

/// Reads a file or standard input line by line, in bounded memory.
struct LineReader {
    /// A line.
    struct Line {
        /// The number, from 1.
        let number: Int
        /// The bytes without the line end; nil if the line is longer than ``LineReader/longestLine``.
        let bytes: [UInt8]?
    }

    /// The longest line that is taken, in bytes.
    static let longestLine = 64 << 20
    private static let blockSize = 1 << 18

    /// The name for messages.
    let name: String
    private let descriptor: Int32
    private var block = [UInt8](repeating: 0, count: Self.blockSize)
    private var position = 0
    private var filled = 0
    private var number = 0
    private var isAtEnd = false

    /// Reads what a descriptor gives; the caller closes it.
    init(descriptor: Int32, name: String) {
        self.descriptor = descriptor
        self.name = name
    }

    /// Whether the next line would have to be waited for: whoever feeds a pipe slowly wants the lines before it done.
    var wouldWait: Bool {
        if isAtEnd || block[position..<filled].contains(0x0A) { return false }
        var entry = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        return poll(&entry, 1, 0) == 0
    }

    /// The next line that is not blank, or nil at the end.
    /// - Throws: ``CommandFailure`` if the input cannot be read.
    mutating func next() throws -> Line? {
        while let line = try nextLine() {
            guard let bytes = line.bytes else { return line }
            if bytes.contains(where: { $0 != 0x20 && $0 != 0x09 && $0 != 0x0D }) { return line }
        }
        return nil
    }

    private mutating func nextLine() throws -> Line? {
        var line: [UInt8] = []
        var isTooLong = false
        var hasBytes = false
        while true {
            if position == filled {
                try fill()
                if isAtEnd {
                    guard hasBytes else { return nil }
                    break
                }
            }
            hasBytes = true
            let end = block[position..<filled].firstIndex(of: 0x0A)
            let part = block[position..<(end ?? filled)]
            if line.count + part.count > Self.longestLine {
                isTooLong = true
                line = []
            }
            if !isTooLong { line += part }
            position = end.map { $0 + 1 } ?? filled
            if end != nil { break }
        }
        number += 1
        return Line(number: number, bytes: isTooLong ? nil : line)
    }

    private mutating func fill() throws {
        position = 0
        filled = 0
        while !isAtEnd {
            let count = block.withUnsafeMutableBytes { read(descriptor, $0.baseAddress, $0.count) }
            if count > 0 {
                filled = count
                return
            }
            if count == 0 {
                isAtEnd = true
            } else if errno != EINTR {
                throw CommandFailure(
                    .usage,
                    "'\(name)' could not be read: \(String(cString: strerror(errno))). Check that it is a file of "
                        + "JSON lines."
                )
            }
        }
    }
}
