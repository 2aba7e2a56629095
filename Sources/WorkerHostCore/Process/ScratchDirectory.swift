import Foundation

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// The `TMPDIR` of one lane's workers. Used by that lane's thread.
final class ScratchDirectory {
    let path: String
    private var changedAt: timespec?

    init(path: String) {
        self.path = path
        changedAt = Self.changeTime(path)
    }

    /// Removes everything inside. Costs one look while nothing has been put there.
    func empty() {
        let now = Self.changeTime(path)
        if let now, let changedAt, now.tv_sec == changedAt.tv_sec, now.tv_nsec == changedAt.tv_nsec { return }
        // A worker may have removed the directory itself; the next one finds it again.
        if now == nil { mkdir(path, 0o700) }
        let entries = (try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []
        for entry in entries { Self.removeTree("\(path)/\(entry)") }
        changedAt = Self.changeTime(path)
    }

    /// Removes the directory itself: its lane has ended.
    func remove() { Self.removeTree(path) }

    /// Removes a file, link or tree; links are not followed. What cannot be removed is tried again next time.
    static func removeTree(_ path: String) {
        // Whatever is left is left for the next time: a full or broken disk must not stop the lane.
        try? FileManager.default.removeItem(atPath: path)
    }

    private static func changeTime(_ path: String) -> timespec? {
        var status = stat()
        return stat(path, &status) == 0 ? status.st_mtim : nil
    }
}
