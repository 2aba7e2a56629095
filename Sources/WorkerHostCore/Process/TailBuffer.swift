/// The last bytes of a stream.
struct TailBuffer {
    private var bytes: [UInt8] = []
    private let limit: Int

    init(limit: Int) {
        self.limit = max(0, limit)
    }

    mutating func append(_ chunk: UnsafeRawBufferPointer) {
        bytes.append(contentsOf: chunk.suffix(limit))
        // Shifting only once in a while keeps a long stream at two copies a byte.
        if bytes.count > 2 * limit { bytes.removeFirst(bytes.count - limit) }
    }

    /// The text kept; nil if there is none. Starts at a line's start where one is in reach.
    var text: String? {
        var kept = bytes.suffix(limit)
        if kept.isEmpty { return nil }
        if kept.count < bytes.count || bytes.count == 2 * limit, let lineEnd = kept.prefix(1024).firstIndex(of: 0x0A) {
            kept = kept[(lineEnd + 1)...]
        }
        return String(decoding: kept, as: UTF8.self)
    }
}
