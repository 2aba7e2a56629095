/// Cuts a stream into lines for the log. Over-long lines are cut, never kept whole.
struct LineSplitter {
    /// The longest line, in bytes.
    static let maxLineBytes = 8 << 10

    private var partial: [UInt8] = []
    private var isCutting = false

    /// Takes a chunk and returns the lines that it completes.
    mutating func lines(of chunk: UnsafeRawBufferPointer) -> [String] {
        var lines: [String] = []
        var start = chunk.startIndex
        while let end = chunk[start...].firstIndex(of: 0x0A) {
            append(chunk[start..<end])
            lines.append(takeLine())
            start = end + 1
        }
        append(chunk[start...])
        return lines
    }

    /// The last line, if the stream ended without a line end.
    mutating func rest() -> String? {
        partial.isEmpty ? nil : takeLine()
    }

    private mutating func append(_ bytes: Slice<UnsafeRawBufferPointer>) {
        let room = Self.maxLineBytes - partial.count
        partial.append(contentsOf: bytes.prefix(room))
        if bytes.count > room { isCutting = true }
    }

    private mutating func takeLine() -> String {
        if partial.last == 0x0D { partial.removeLast() }
        let line = String(decoding: partial, as: UTF8.self) + (isCutting ? "… [cut]" : "")
        partial.removeAll(keepingCapacity: true)
        isCutting = false
        return line
    }
}
