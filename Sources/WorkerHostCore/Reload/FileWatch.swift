#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// Tells that a file may have changed, through inotify on the file and on the directories it is reached by.
///
/// The directories, because editors replace files, and a mounted volume exchanges a link beside them; of these only new
/// names are asked for, so that logs and queues which are written beside the file wake nobody.
final class FileWatch {
    /// Readable when something happened; -1 where the system gives no events.
    private(set) var descriptor: Int32
    private let path: String

    init(path: String) {
        self.path = path
        descriptor = inotify_init1(Int32(IN_CLOEXEC) | Int32(IN_NONBLOCK))
    }

    deinit {
        if descriptor >= 0 { close(descriptor) }
    }

    /// Watches what leads to the file now; what is watched already is not watched twice.
    /// - Returns: whether changes of the file will be seen.
    func arm() -> Bool {
        guard descriptor >= 0 else { return false }
        let names = UInt32(IN_MOVED_TO | IN_CREATE | IN_DELETE_SELF | IN_MOVE_SELF) | UInt32(IN_ONLYDIR)
        let directory = Self.directory(of: path)
        let isWatched = inotify_add_watch(descriptor, directory, names) >= 0
        if let real = Self.realPath(path) {
            inotify_add_watch(descriptor, Self.directory(of: real), names)
            inotify_add_watch(descriptor, real, UInt32(IN_CLOSE_WRITE))
        }
        return isWatched
    }

    /// Takes all events that are there; whether one of them may concern the file.
    func drain() -> Bool {
        var names: [String] = []
        withUnsafeTemporaryAllocation(byteCount: 8192, alignment: MemoryLayout<inotify_event>.alignment) { buffer in
            guard let base = buffer.baseAddress else { return }
            while true {
                let count = read(descriptor, base, buffer.count)
                if count < 0, errno == EINTR { continue }
                guard count > 0 else { return }
                names += Self.names(in: UnsafeRawBufferPointer(start: base, count: count))
            }
        }
        let files = Set([path, Self.realPath(path)].compactMap { $0?.split(separator: "/").last.map(String.init) })
        // No name: the file or the directory itself, or events were lost. Two dots: how Kubernetes exchanges a mounted directory.
        return names.contains { $0.isEmpty || $0.hasPrefix("..") || files.contains($0) }
    }

    private static func names(in bytes: UnsafeRawBufferPointer) -> [String] {
        let header = MemoryLayout<inotify_event>.size
        var names: [String] = []
        var offset = 0
        while offset + header <= bytes.count {
            let event = bytes.loadUnaligned(fromByteOffset: offset, as: inotify_event.self)
            let end = offset + header + Int(event.len)
            guard end <= bytes.count else { return names }
            names.append(String(decoding: bytes[(offset + header)..<end].prefix { $0 != 0 }, as: UTF8.self))
            offset = end
        }
        return names
    }

    private static func directory(of path: String) -> String {
        guard let slash = path.lastIndex(of: "/") else { return "." }
        return slash == path.startIndex ? "/" : String(path[..<slash])
    }

    private static func realPath(_ path: String) -> String? {
        guard let real = realpath(path, nil) else { return nil }
        defer { free(real) }
        return String(cString: real)
    }
}
