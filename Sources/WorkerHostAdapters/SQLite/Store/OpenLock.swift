#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// Lets only one process at a time create or migrate the files of a directory.
///
/// The switch to WAL needs the database for itself and does not wait for others, so two programs that create the same
/// file would hinder each other.
struct OpenLock: ~Copyable {
    private let descriptor: Int32

    /// Waits at most `timeout`; goes on without the lock if the directory cannot be locked, for SQLite has locks too.
    init(directory: String, timeout: Duration) {
        descriptor = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { return }
        let clock = ContinuousClock()
        let deadline = clock.now + timeout
        while flock(descriptor, LOCK_EX | LOCK_NB) != 0, errno == EWOULDBLOCK || errno == EINTR, clock.now < deadline {
            usleep(5000)
        }
    }

    deinit {
        if descriptor >= 0 { close(descriptor) }
    }
}
