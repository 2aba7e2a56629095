#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// Cuts a stream into lines for the log. Over-long lines are cut, never kept whole.
struct LineSplitter {
    /// The longest line, in bytes.
    static let maxLineBytes = 8 << 10

    private var partial: [UInt8] = []
    private var isCutting = false

    /// Takes a chunk and returns the lines that it completes.
    mutating func lines(of chunk: UnsafeRawBufferPointer) -> [String] {
        var lines: [String] = []
        var start = 0
        while start < chunk.count, let base = chunk.baseAddress {
            // The library's search looks at many bytes at once: a worker may write gigabytes here.
            guard let found = memchr(base + start, 0x0A, chunk.count - start) else { break }
            let end = UnsafeRawPointer(found) - base
            append(chunk, start..<end)
            lines.append(takeLine())
            start = end + 1
        }
        append(chunk, start..<chunk.count)
        return lines
    }

    /// The last line, if the stream ended without a line end.
    mutating func rest() -> String? {
        partial.isEmpty ? nil : takeLine()
    }

    private mutating func append(_ chunk: UnsafeRawBufferPointer, _ range: Range<Int>) {
        let taken = min(range.count, Self.maxLineBytes - partial.count)
        if taken > 0 { partial.append(contentsOf: UnsafeRawBufferPointer(rebasing: chunk[range.prefix(taken)])) }
        if range.count > taken { isCutting = true }
    }

    private mutating func takeLine() -> String {
        if partial.last == 0x0D { partial.removeLast() }
        let line = String(decoding: partial, as: UTF8.self) + (isCutting ? "… [cut]" : "")
        partial.removeAll(keepingCapacity: true)
        isCutting = false
        return line
    }
}
