/// What a ``FrameReader`` found in the stream.
enum Frame: Sendable, Equatable {
    /// A whole frame: where its bytes lie in the reader's buffer, line end or length prefix left out.
    /// Valid until the next `append`.
    case frame(Range<Int>)
    /// A line over the limit was skipped; how many bytes it had. What follows it is read on.
    case overlong(length: Int)
    /// The stream cannot be cut into frames any further. Told once; nothing comes after it.
    case broken(FramingError)
}

/// How a stream is cut into frames.
enum Framing: Sendable, Equatable {
    /// A frame a line, ended by LF or CR LF; empty lines are skipped.
    case lines
    /// A length in four bytes, the highest first, then so many bytes.
    case lengthPrefix
}

/// Why a stream can no longer be cut into frames.
enum FramingError: Error, Sendable, Equatable, CustomStringConvertible {
    /// A length prefix announces more than is allowed.
    case tooLong(announced: Int, limit: Int)
    /// The stream ended inside a frame: `have` bytes of `wanted` came, the prefix among them.
    case endedInside(have: Int, wanted: Int)

    /// What is wrong.
    var description: String {
        switch self {
        case .tooLong(let announced, let limit):
            "a frame's length prefix announces \(announced) bytes, more than the limit of \(limit)"
        case .endedInside(let have, let wanted):
            "the stream ended inside a frame, after \(have) of at least \(wanted) bytes"
        }
    }
}
