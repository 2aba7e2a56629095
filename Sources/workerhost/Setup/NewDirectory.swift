#if canImport(Glibc)
    import Glibc
#endif

/// Makes directories, and says in plain words why one cannot be made.
enum NewDirectory {
    /// Makes a directory and those above it, as far as they are missing.
    /// - Returns: why it cannot be made; nil if it is there.
    static func make(_ path: String, mode: mode_t) -> String? {
        var partial = path.hasPrefix("/") ? "" : "."
        for part in path.split(separator: "/") {
            partial += "/\(part)"
            if mkdir(partial, mode) != 0, errno != EEXIST { return String(cString: strerror(errno)) }
        }
        var status = stat()
        if stat(path, &status) == 0, status.st_mode & S_IFMT == S_IFDIR { return nil }
        return String(cString: strerror(ENOTDIR))
    }
}
