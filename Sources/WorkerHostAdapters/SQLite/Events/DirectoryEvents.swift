#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// The kernel's events for the queue's files, through inotify on their directory.
///
/// The directory is watched and not the files, because SQLite creates and deletes `-wal` as it likes.
final class DirectoryEvents: Sendable {
    /// What one look at the events found.
    struct Seen {
        /// Somebody announced that a task became claimable.
        var isClaimable = false
        /// Somebody announced that a task was finished.
        var isFinished = false
        /// Somebody announced that a task was cancelled.
        var isCancelled = false
        /// Something was written; it may be a transaction that is not visible yet.
        var isWritten = false
        /// No more events will come.
        var isLost = false
    }

    let descriptor: Int32
    private let database: String
    private let log: String
    private let sharedMemory: String

    /// nil where the system gives no events.
    init?(directory: String, database: String) {
        descriptor = inotify_init1(Int32(IN_CLOEXEC) | Int32(IN_NONBLOCK))
        self.database = database
        self.log = database + "-wal"
        self.sharedMemory = database + "-shm"
        guard descriptor >= 0 else { return nil }
        let mask = UInt32(IN_MODIFY | IN_ATTRIB | IN_CREATE | IN_DELETE_SELF | IN_MOVE_SELF) | UInt32(IN_ONLYDIR)
        // What is open then is closed by `deinit`.
        guard inotify_add_watch(descriptor, directory, mask) >= 0 else { return nil }
    }

    deinit {
        if descriptor >= 0 { close(descriptor) }
    }

    /// Reads all events that are there.
    func readAll() -> Seen {
        var seen = Seen()
        withUnsafeTemporaryAllocation(byteCount: 8192, alignment: MemoryLayout<inotify_event>.alignment) { buffer in
            guard let base = buffer.baseAddress else { return }
            while true {
                let count = read(descriptor, base, buffer.count)
                if count < 0, errno == EINTR { continue }
                guard count > 0 else { return }
                scan(UnsafeRawBufferPointer(start: base, count: count), &seen)
            }
        }
        return seen
    }

    private func scan(_ bytes: UnsafeRawBufferPointer, _ seen: inout Seen) {
        let header = MemoryLayout<inotify_event>.size
        var offset = 0
        while offset + header <= bytes.count {
            let event = bytes.loadUnaligned(fromByteOffset: offset, as: inotify_event.self)
            let end = offset + header + Int(event.len)
            guard end <= bytes.count else { return }
            let name = bytes[(offset + header)..<end].prefix { $0 != 0 }
            note(event.mask, isLog: name.elementsEqual(log.utf8), isDatabase: name.elementsEqual(database.utf8), &seen)
            if event.mask & UInt32(IN_ATTRIB) != 0, name.elementsEqual(sharedMemory.utf8) { seen.isCancelled = true }
            offset = end
        }
    }

    private func note(_ mask: UInt32, isLog: Bool, isDatabase: Bool, _ seen: inout Seen) {
        if mask & UInt32(IN_Q_OVERFLOW) != 0 {
            seen.isClaimable = true
            seen.isFinished = true
            seen.isCancelled = true
        }
        if mask & UInt32(IN_IGNORED | IN_DELETE_SELF | IN_MOVE_SELF) != 0 { seen.isLost = true }
        if isLog, mask & UInt32(IN_ATTRIB) != 0 { seen.isClaimable = true }
        if isDatabase, mask & UInt32(IN_ATTRIB) != 0 { seen.isFinished = true }
        if isLog, mask & UInt32(IN_MODIFY | IN_CREATE) != 0 { seen.isWritten = true }
    }
}
