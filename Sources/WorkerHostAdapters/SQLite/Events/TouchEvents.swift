#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// The kernel's events for touches of one file, which lives at least as long as this object's queue is open.
///
/// Apart from ``DirectoryEvents``, so that who waits for nothing else is not woken by each write to the queue.
final class TouchEvents: Sendable {
    let descriptor: Int32

    /// nil where the system gives no events.
    init?(path: String) {
        descriptor = inotify_init1(Int32(IN_CLOEXEC) | Int32(IN_NONBLOCK))
        // What is open then is closed by `deinit`.
        guard descriptor >= 0, inotify_add_watch(descriptor, path, UInt32(IN_ATTRIB | IN_DELETE_SELF)) >= 0 else {
            return nil
        }
    }

    deinit {
        if descriptor >= 0 { close(descriptor) }
    }

    /// Reads all events that are there; false if no more will come.
    func readAll() -> Bool {
        var isAlive = true
        withUnsafeTemporaryAllocation(byteCount: 1024, alignment: MemoryLayout<inotify_event>.alignment) { buffer in
            guard let base = buffer.baseAddress else { return }
            while true {
                let count = read(descriptor, base, buffer.count)
                if count < 0, errno == EINTR { continue }
                guard count > 0 else { return }
                // A file's own events have no name: all are of the same size.
                for offset in stride(from: 0, to: count, by: MemoryLayout<inotify_event>.size) {
                    let event = buffer.loadUnaligned(fromByteOffset: offset, as: inotify_event.self)
                    if event.mask & UInt32(IN_IGNORED) != 0 { isAlive = false }
                }
            }
        }
        return isAlive
    }
}
