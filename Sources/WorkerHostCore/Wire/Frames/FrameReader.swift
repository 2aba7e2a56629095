#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// Cuts a stream into frames, however it was cut into pieces on its way.
///
/// After each ``append(_:)`` call ``next()`` until it returns nil, and at the end of the stream ``finish()``. Frames are
/// ranges of one buffer, to be scanned in place with ``withBytes(of:_:)`` before the next `append`. The time is linear
/// in the bytes, however small the pieces; memory stays within about twice the limit and one piece.
struct FrameReader {
    /// The longest frame, in bytes; line end and length prefix are not counted.
    let limit: Int
    private let framing: Framing
    private var buffer: [UInt8] = []
    /// The first byte that is not part of a frame handed out.
    private var start = 0
    /// Everything before this was searched for a line end.
    private var searched = 0
    private var skipped: SkippedLine?
    private var isBroken = false

    /// A line over the limit, counted instead of kept.
    private struct SkippedLine {
        var length: Int
        var endsInCR: Bool
        var isWhole = false
    }

    private static let prefixLength = 4
    /// An empty buffer larger than this is given back.
    private static let keptCapacity = 256 << 10

    init(_ framing: Framing, limit: Int) {
        self.framing = framing
        self.limit = limit
    }

    /// How many bytes wait for the rest of their frame.
    var pendingCount: Int { buffer.count - start }

    /// Takes the next piece of the stream. Ends the life of the ranges handed out before.
    mutating func append(_ bytes: UnsafeRawBufferPointer) {
        var rest = bytes.bindMemory(to: UInt8.self)
        if skipped?.isWhole == false { rest = skip(rest) }
        if isBroken || rest.isEmpty { return }
        compact()
        buffer.append(contentsOf: rest)
    }

    /// The next frame; nil if more bytes are needed.
    mutating func next() -> Frame? {
        if isBroken { return nil }
        switch framing {
        case .lines: return nextLine()
        case .lengthPrefix: return nextPrefixed()
        }
    }

    /// What is left when the stream has ended and ``next()`` returned nil: a last line without line end counts as a
    /// frame, a part of a frame with a length prefix is an error.
    mutating func finish() -> Frame? {
        if isBroken { return nil }
        if let skipped {
            self.skipped = nil
            return .overlong(length: skipped.length)
        }
        guard pendingCount > 0 else { return nil }
        if framing == .lengthPrefix {
            let (have, wanted) = (pendingCount, Self.prefixLength + (announced() ?? 0))
            return giveUp(.endedInside(have: have, wanted: wanted))
        }
        let line = takeLine(upTo: buffer.count, next: buffer.count)
        return line.isEmpty ? nil : .frame(line)
    }

    /// Lends the bytes of a frame.
    func withBytes<Result, Failure: Error>(
        of frame: Range<Int>, _ body: (UnsafeBufferPointer<UInt8>) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        try buffer.withUnsafeBufferPointer { all throws(Failure) in
            try body(UnsafeBufferPointer(rebasing: all[frame]))
        }
    }

    /// A copy of a frame's bytes.
    func bytes(of frame: Range<Int>) -> [UInt8] { Array(buffer[frame]) }

    // MARK: Lines

    private mutating func nextLine() -> Frame? {
        if let skipped {
            guard skipped.isWhole else { return nil }
            self.skipped = nil
            return .overlong(length: skipped.length)
        }
        while let end = buffer.withUnsafeBufferPointer({ Self.lineEnd(in: $0, from: searched) }) {
            let line = takeLine(upTo: end, next: end + 1)
            if line.count > limit { return .overlong(length: line.count) }
            if !line.isEmpty { return .frame(line) }
        }
        searched = buffer.count
        // One byte over the limit may still be the CR of the line end.
        if pendingCount > limit + 1 || pendingCount == limit + 1 && buffer.last != 0x0D { startSkipping() }
        return nil
    }

    private static func lineEnd(in bytes: UnsafeBufferPointer<UInt8>, from start: Int) -> Int? {
        // The library's search looks at many bytes at once.
        guard start < bytes.count, let base = bytes.baseAddress,
            let found = memchr(base + start, 0x0A, bytes.count - start)
        else { return nil }
        return UnsafeRawPointer(found) - UnsafeRawPointer(base)
    }

    private mutating func takeLine(upTo end: Int, next: Int) -> Range<Int> {
        let hasCR = end > start && buffer[end - 1] == 0x0D
        let line = start..<(hasCR ? end - 1 : end)
        start = next
        searched = next
        return line
    }

    private mutating func startSkipping() {
        skipped = SkippedLine(length: pendingCount, endsInCR: buffer.last == 0x0D)
        buffer = []
        start = 0
        searched = 0
    }

    /// Counts what belongs to the line that is skipped; returns what follows it.
    private mutating func skip(_ bytes: UnsafeBufferPointer<UInt8>) -> UnsafeBufferPointer<UInt8> {
        guard var line = skipped, !bytes.isEmpty else { return bytes }
        let end = Self.lineEnd(in: bytes, from: 0)
        let part = bytes[..<(end ?? bytes.count)]
        line.length += part.count
        if let last = part.last { line.endsInCR = last == 0x0D }
        if end != nil {
            line.isWhole = true
            if line.endsInCR { line.length -= 1 }
        }
        skipped = line
        return UnsafeBufferPointer(rebasing: bytes[(end.map { $0 + 1 } ?? bytes.count)...])
    }

    // MARK: Length prefixes

    private mutating func nextPrefixed() -> Frame? {
        guard let length = announced() else { return nil }
        guard length <= limit else { return giveUp(.tooLong(announced: length, limit: limit)) }
        let first = start + Self.prefixLength
        guard buffer.count - first >= length else { return nil }
        start = first + length
        return .frame(first..<start)
    }

    private func announced() -> Int? {
        guard pendingCount >= Self.prefixLength else { return nil }
        return buffer[start..<start + Self.prefixLength].reduce(0) { $0 << 8 | Int($1) }
    }

    private mutating func giveUp(_ error: FramingError) -> Frame {
        isBroken = true
        buffer = []
        start = 0
        return .broken(error)
    }

    // MARK: Buffer

    /// Moves what is left to the front once that is no more than what was handed out: each byte moves a bounded number
    /// of times, however small the pieces.
    private mutating func compact() {
        guard start > 0, start >= buffer.count - start else { return }
        if start == buffer.count {
            buffer.removeAll(keepingCapacity: buffer.capacity <= Self.keptCapacity)
        } else {
            buffer.removeSubrange(..<start)
        }
        searched = max(0, searched - start)
        start = 0
    }
}
