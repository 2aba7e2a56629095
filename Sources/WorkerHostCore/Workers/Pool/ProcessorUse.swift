#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// How long a process has run, and how long it was ready to run and had no processor: time that its tasks did not take.
///
/// Of many processes on few processors each seems slow; to use more of them at once would only make it worse.
final class ProcessorUse {
    /// In nanoseconds.
    struct Times {
        var ran: Int64 = 0
        var waited: Int64 = 0
    }

    private let descriptor: Int32
    private var last = Times()

    /// A kernel that does not tell is one on which nothing runs or waits.
    private init(of name: String) {
        descriptor = open("/proc/\(name)/schedstat", O_RDONLY | O_CLOEXEC)
        _ = sinceLast()
    }

    convenience init(pid: Int32) { self.init(of: "\(pid)") }

    /// That of the calling thread.
    static func ofThisThread() -> ProcessorUse { ProcessorUse(of: "thread-self") }

    deinit { if descriptor >= 0 { close(descriptor) } }

    /// Since the last call.
    func sinceLast() -> Times {
        guard descriptor >= 0 else { return Times() }
        let total = withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 80) { buffer -> Times? in
            let count = pread(descriptor, buffer.baseAddress, buffer.count, 0)
            guard count > 0 else { return nil }
            // Run time, wait, time slices.
            let fields = buffer[..<count].split(separator: 0x20)
            guard fields.count >= 2 else { return nil }
            return Times(ran: Self.number(fields[0]), waited: Self.number(fields[1]))
        }
        guard let total else { return Times() }
        defer { last = total }
        return Times(ran: max(0, total.ran - last.ran), waited: max(0, total.waited - last.waited))
    }

    private static func number(_ digits: Slice<UnsafeMutableBufferPointer<UInt8>>) -> Int64 {
        digits.reduce(0) { $0 &* 10 &+ Int64($1 &- 0x30) }
    }
}
