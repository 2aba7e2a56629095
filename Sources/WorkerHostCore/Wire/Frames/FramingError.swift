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
