#if canImport(Glibc)
    import Glibc
#endif

/// Writes small files whole.
enum TextOutput {
    /// Writes a file that does not exist.
    /// - Parameter mode: its rights, less what the umask takes.
    /// - Throws: ``CommandFailure`` if it exists or cannot be written; an unfinished one stays for the caller to remove.
    static func create(_ path: String, _ text: String, mode: mode_t) throws(CommandFailure) {
        let descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode)
        guard descriptor >= 0 else { throw failure(path) }
        defer { close(descriptor) }
        let bytes = Array(text.utf8)
        var start = 0
        while start < bytes.count {
            let count = bytes[start...].withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw failure(path) }
            start += count
        }
        guard fsync(descriptor) == 0 else { throw failure(path) }
    }

    /// Puts another text into a file: at every moment the old or the new one is there, with the rights it had.
    /// - Parameter path: the file; a link is followed.
    /// - Throws: ``CommandFailure`` if it cannot be written; the old text is there then.
    static func replace(_ path: String, _ text: String) throws(CommandFailure) {
        guard let resolved = realpath(path, nil) else { throw failure(path) }
        let target = String(cString: resolved)
        free(resolved)
        var status = stat()
        guard stat(target, &status) == 0 else { throw failure(target) }
        let temporary = "\(target).\(getpid()).new"
        do throws(CommandFailure) {
            try create(temporary, text, mode: 0o600)
            // Only root can give a file away; another user's stays with the one who edits it.
            if status.st_uid != geteuid() || status.st_gid != getegid() {
                _ = chown(temporary, status.st_uid, status.st_gid)
            }
            guard chmod(temporary, status.st_mode & 0o7777) == 0, rename(temporary, target) == 0 else {
                throw failure(target)
            }
        } catch {
            unlink(temporary)
            throw error
        }
    }

    private static func failure(_ path: String) -> CommandFailure {
        CommandFailure(.failed, "'\(path)' cannot be written: \(String(cString: strerror(errno))).")
    }
}
