/// How a stream is cut into frames.
enum Framing: Sendable, Equatable {
    /// A frame a line, ended by LF or CR LF; empty lines are skipped.
    case lines
    /// A length in four bytes, the highest first, then so many bytes.
    case lengthPrefix
}
