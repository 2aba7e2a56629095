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
