#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// Follows an absolute path component by component and link by link, and remembers everything on the way.
struct PathWalk {
    /// A directory, link or file on the way.
    struct Step {
        let path: String
        let mode: UInt32
        let owner: UInt32
        let group: UInt32
        /// Whether it lies in a sticky directory that all may write to.
        let isInSticky: Bool

        var isDirectory: Bool { mode & UInt32(S_IFMT) == UInt32(S_IFDIR) }
        var isRegular: Bool { mode & UInt32(S_IFMT) == UInt32(S_IFREG) }
        var isLink: Bool { mode & UInt32(S_IFMT) == UInt32(S_IFLNK) }
        var isSticky: Bool { mode & UInt32(S_ISVTX) != 0 }
        var isWritableByAll: Bool { mode & UInt32(S_IWOTH) != 0 }
        var isWritableByGroup: Bool { mode & UInt32(S_IWGRP) != 0 }
    }

    /// What was passed, in order; the last one is what the path leads to, unless there was a failure.
    private(set) var steps: [Step] = []
    /// Where the path could not be followed, with `errno`.
    private(set) var failure: (path: String, code: Int32)?

    private static let maxLinks = 40

    init(_ path: String) {
        var pending = Self.components(path)
        var here: [String] = []
        var links = 0
        guard let root = look("/", inSticky: false) else { return }
        var directories = [root]
        while let name = pending.popLast() {
            if name == ".." {
                if !here.isEmpty {
                    here.removeLast()
                    directories.removeLast()
                }
                continue
            }
            guard let parent = directories.last, parent.isDirectory else {
                failure = ("/" + (here + [name]).joined(separator: "/"), ENOTDIR)
                return
            }
            let full = "/" + (here + [name]).joined(separator: "/")
            guard let step = look(full, inSticky: parent.isSticky && parent.isWritableByAll) else { return }
            guard step.isLink else {
                here.append(name)
                directories.append(step)
                continue
            }
            links += 1
            guard links <= Self.maxLinks, let target = Self.target(of: full) else {
                failure = (full, ELOOP)
                return
            }
            if target.hasPrefix("/") {
                here = []
                directories = [root]
            }
            pending += Self.components(target)
        }
        // After a `..` the last thing looked at is not where the path ends.
        if let end = directories.last, end.path != steps.last?.path { steps.append(end) }
    }

    private mutating func look(_ path: String, inSticky: Bool) -> Step? {
        var status = stat()
        guard lstat(path, &status) == 0 else {
            failure = (path, errno)
            return nil
        }
        let step = Step(
            path: path, mode: UInt32(status.st_mode), owner: UInt32(status.st_uid), group: UInt32(status.st_gid),
            isInSticky: inSticky)
        steps.append(step)
        return step
    }

    /// The components, the first one last.
    private static func components(_ path: String) -> [String] {
        path.split(separator: "/").filter { $0 != "." }.reversed().map(String.init)
    }

    private static func target(of link: String) -> String? {
        var buffer = [CChar](repeating: 0, count: Int(PATH_MAX) + 1)
        let count = readlink(link, &buffer, buffer.count - 1)
        guard count > 0 else { return nil }
        return String(decoding: buffer[..<count].map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}
