import Foundation

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// Tells that a source file below a directory has changed, through inotify on each directory. Blocking: for dedicated
/// threads.
///
/// Source files are those with the endings below; data that tasks write beside them is none. Caches, version control and what is installed are none either: names
/// with a dot in front, `__pycache__`, `node_modules`, and every directory with a `pyvenv.cfg`.
final class SourceWatch {
    /// The endings of the files that count.
    static let endings: Set = ["py", "pyi", "pyx", "so", "js", "mjs", "cjs", "ts", "rb", "php", "pl", "lua", "sh"]
    /// More directories are not watched.
    static let mostDirectories = 4096

    /// Readable when something happened; -1 where the system gives no events.
    let descriptor: Int32
    /// Why changes may be missed; nil if none is.
    private(set) var trouble: String?
    private let root: String
    private let most: Int
    private var directories: [Int32: String] = [:]

    /// Watches a directory and all below it.
    init(root: String, mostDirectories: Int = SourceWatch.mostDirectories) {
        self.root = root
        most = mostDirectories
        descriptor = inotify_init1(Int32(IN_CLOEXEC) | Int32(IN_NONBLOCK))
        if descriptor < 0 {
            trouble = "the system gives no more inotify instances (fs.inotify.max_user_instances)"
        } else {
            add(root)
        }
    }

    deinit {
        if descriptor >= 0 { close(descriptor) }
    }

    /// Takes all events that are there.
    /// - Returns: a source file that has changed, relative to the directory; nil if none has.
    func drain() -> String? {
        var changed: String?
        withUnsafeTemporaryAllocation(byteCount: 8192, alignment: MemoryLayout<inotify_event>.alignment) { buffer in
            guard let base = buffer.baseAddress else { return }
            while true {
                let count = read(descriptor, base, buffer.count)
                if count < 0, errno == EINTR { continue }
                guard count > 0 else { return }
                take(UnsafeRawBufferPointer(start: base, count: count), &changed)
            }
        }
        return changed
    }

    private func take(_ bytes: UnsafeRawBufferPointer, _ changed: inout String?) {
        let header = MemoryLayout<inotify_event>.size
        var offset = 0
        while offset + header <= bytes.count {
            let event = bytes.loadUnaligned(fromByteOffset: offset, as: inotify_event.self)
            let end = offset + header + Int(event.len)
            guard end <= bytes.count else { return }
            let name = String(decoding: bytes[(offset + header)..<end].prefix { $0 != 0 }, as: UTF8.self)
            offset = end
            note(event, name, &changed)
        }
    }

    private func note(_ event: inotify_event, _ name: String, _ changed: inout String?) {
        if event.mask & UInt32(IN_Q_OVERFLOW) != 0 {
            changed = changed ?? "something (events were lost)"
            add(root)
            return
        }
        guard let directory = directories[event.wd] else { return }
        if event.mask & UInt32(IN_IGNORED) != 0 {
            directories[event.wd] = nil
        } else if event.mask & UInt32(IN_ISDIR) != 0 {
            // What was put into it before it was watched is a change as well.
            if event.mask & UInt32(IN_CREATE | IN_MOVED_TO) != 0, let found = add("\(directory)/\(name)") {
                changed = changed ?? relative(found)
            }
        } else if event.mask & UInt32(IN_CREATE) == 0, Self.isSource(name) {
            // A new file counts when it is closed.
            changed = changed ?? relative("\(directory)/\(name)")
        }
    }

    private func relative(_ path: String) -> String {
        path.hasPrefix(root + "/") ? String(path.dropFirst(root.utf8.count + 1)) : path
    }

    /// Watches a directory and those below it.
    /// - Returns: a source file that lies there.
    @discardableResult
    private func add(_ path: String) -> String? {
        var found: String?
        var pending = [path]
        while let directory = pending.popLast() {
            guard directory == root || Self.isWatched(directory), watch(directory) else { continue }
            // What cannot be read is no source of the worker's either.
            for name in (try? FileManager.default.contentsOfDirectory(atPath: directory)) ?? [] {
                var status = stat()
                guard lstat("\(directory)/\(name)", &status) == 0 else { continue }
                if status.st_mode & S_IFMT == S_IFDIR {
                    pending.append("\(directory)/\(name)")
                } else if Self.isSource(name) {
                    found = found ?? "\(directory)/\(name)"
                }
            }
        }
        return found
    }

    private func watch(_ directory: String) -> Bool {
        guard directories.count < most else {
            trouble = trouble ?? "there are more than \(most) directories below \(root)"
            return false
        }
        let mask = UInt32(
            IN_CLOSE_WRITE | IN_MOVED_TO | IN_MOVED_FROM | IN_CREATE | IN_DELETE | IN_ONLYDIR | IN_EXCL_UNLINK)
        let watch = inotify_add_watch(descriptor, directory, mask)
        if watch >= 0 {
            directories[watch] = directory
            return true
        }
        if errno == ENOSPC || errno == ENOMEM {
            trouble = trouble ?? "the system gives no more inotify watches (fs.inotify.max_user_watches)"
        }
        return false
    }

    static func isSource(_ name: String) -> Bool {
        guard !name.hasPrefix("."), let dot = name.lastIndex(of: ".") else { return false }
        return endings.contains(name[name.index(after: dot)...].lowercased())
    }

    private static func isWatched(_ directory: String) -> Bool {
        let name = directory.split(separator: "/").last ?? ""
        return !name.hasPrefix(".") && name != "__pycache__" && name != "node_modules"
            && access("\(directory)/pyvenv.cfg", F_OK) != 0
    }
}
