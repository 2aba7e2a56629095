import CWorkerProcess

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// A descriptor that makes a thread's `poll` return.
final class WakeDescriptor: Sendable {
    let descriptor: Int32

    /// - Throws: ``SystemError`` when no descriptor is left.
    init() throws(SystemError) {
        descriptor = wh_event_open()
        if descriptor < 0 { throw SystemError(errno, "open an event descriptor") }
    }

    deinit { close(descriptor) }

    func wake() { wh_event_signal(descriptor) }

    func clear() { wh_event_clear(descriptor) }
}
