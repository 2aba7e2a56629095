#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// A pair of sockets by which other threads end a thread's sleep.
final class WakePipe: Sendable {
    let reading: Int32
    private let writing: Int32

    /// nil if the process has no descriptors left; `errno` says why.
    init?() {
        var ends: [Int32] = [-1, -1]
        let kind = Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue)
        guard socketpair(AF_UNIX, kind, 0, &ends) == 0 else { return nil }
        reading = ends[0]
        writing = ends[1]
    }

    deinit {
        close(reading)
        close(writing)
    }

    /// Ends the sleep; a full buffer will end it anyway. Both ends live as long as this object, so there is no SIGPIPE.
    func signal() {
        var byte: UInt8 = 1
        write(writing, &byte, 1)
    }

    func drain() {
        withUnsafeTemporaryAllocation(byteCount: 64, alignment: 1) { buffer in
            while read(reading, buffer.baseAddress, buffer.count) > 0 {}
        }
    }
}
