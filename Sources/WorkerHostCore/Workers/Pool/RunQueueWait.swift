#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// How long a process was ready to run and had no processor: time that its tasks did not take.
///
/// Of many processes on few processors each seems slow; to start more of them at once would only make it worse.
final class RunQueueWait {
    private let descriptor: Int32
    private var last: Int64 = 0

    /// A kernel that does not tell is one without waits.
    private init(of name: String) {
        descriptor = open("/proc/\(name)/schedstat", O_RDONLY | O_CLOEXEC)
        _ = sinceLast()
    }

    convenience init(pid: Int32) { self.init(of: "\(pid)") }

    /// That of the calling thread.
    static func ofThisThread() -> RunQueueWait { RunQueueWait(of: "thread-self") }

    deinit { if descriptor >= 0 { close(descriptor) } }

    /// Nanoseconds since the last call.
    func sinceLast() -> Int64 {
        guard descriptor >= 0 else { return 0 }
        let total = withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 80) { buffer -> Int64? in
            let count = pread(descriptor, buffer.baseAddress, buffer.count, 0)
            guard count > 0 else { return nil }
            // Run time, wait, time slices.
            let fields = buffer[..<count].split(separator: 0x20)
            guard fields.count >= 2 else { return nil }
            return fields[1].reduce(0) { $0 &* 10 &+ Int64($1 &- 0x30) }
        }
        guard let total else { return 0 }
        defer { last = total }
        return max(0, total - last)
    }
}
