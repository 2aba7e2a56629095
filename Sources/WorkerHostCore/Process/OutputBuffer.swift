/// What a worker writes to standard output, up to a limit; the rest is counted and dropped.
struct OutputBuffer {
    private(set) var bytes: [UInt8] = []
    private(set) var dropped = 0
    private let limit: Int

    init(limit: Int) {
        self.limit = limit
    }

    var overflowed: Bool { dropped > 0 }

    mutating func append(_ chunk: UnsafeRawBufferPointer) {
        if !overflowed, chunk.count <= limit - bytes.count {
            bytes.append(contentsOf: chunk)
            return
        }
        // The attempt has failed by now: nothing of it will be read, so its memory is given back at once.
        dropped += chunk.count + bytes.count
        bytes = []
    }
}
