#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// Frames on their way to a process, written as far as its pipe takes them.
struct OutgoingBytes {
    private var bytes: [UInt8] = []
    private var start = 0

    var isEmpty: Bool { start == bytes.count }

    mutating func append(_ frame: [UInt8]) { bytes.append(contentsOf: frame) }

    /// Writes without waiting; false when nobody reads any more.
    mutating func write(to descriptor: Int32) -> Bool {
        while !isEmpty {
            let count = bytes.withUnsafeBytes { all in
                Glibc.write(descriptor, all.baseAddress.map { $0 + start }, all.count - start)
            }
            if count > 0 {
                start += count
            } else if count < 0, errno == EINTR {
                continue
            } else {
                if count < 0, errno != EAGAIN { clear() }
                return isEmpty ? false : true
            }
        }
        clear()
        return true
    }

    private mutating func clear() {
        bytes.removeAll(keepingCapacity: bytes.count < 1 << 20)
        start = 0
    }
}
