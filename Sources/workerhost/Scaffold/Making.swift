import Foundation

#if canImport(Glibc)
    import Glibc
#endif

/// Makes files and folders, never over others, and takes all of them away again if the command does not get to its end.
final class Making {
    /// What was made, in that order; whole folders by their own path.
    private var made: [String] = []

    /// Makes a folder with what it holds: all of it appears at once.
    ///
    /// A folder that exists gets the files one by one; the caller has looked that nothing of theirs is there.
    /// - Throws: ``CommandFailure`` if a file cannot be written.
    func folder(_ path: String, _ files: [ScaffoldFile]) throws(CommandFailure) {
        let parent = PathText.directory(of: path)
        try parents(parent)
        let isThere = Self.exists(path)
        let staging = "\(isThere ? path : parent)/.workerhost-init-\(getpid())"
        made.append(staging)
        for file in files { try write(file.text, to: "\(staging)/\(file.path)") }
        try Interruption.check()
        if isThere {
            for name in try names(in: staging) { try move("\(staging)/\(name)", to: "\(path)/\(name)") }
            guard rmdir(staging) == 0 else { throw Self.failure("'\(staging)' cannot be removed") }
        } else {
            try move(staging, to: path)
        }
    }

    /// Something else will be made at this path.
    func expect(_ path: String) { made.append(path) }

    /// Takes away what was made.
    /// - Returns: what could not be removed, with the reason; empty if all is as before.
    func undo() -> [String] {
        var left: [String] = []
        for path in made.reversed() where Self.exists(path) {
            do { try FileManager.default.removeItem(atPath: path) } catch { left.append("\(path): \(error)") }
        }
        made = []
        return left
    }

    /// Whether anything has this path, be it a link that leads nowhere.
    static func exists(_ path: String) -> Bool {
        var status = stat()
        return lstat(path, &status) == 0
    }

    private func parents(_ path: String) throws(CommandFailure) {
        guard !Self.exists(path) else { return }
        try parents(PathText.directory(of: path))
        try directory(path)
        made.append(path)
    }

    private func directory(_ path: String) throws(CommandFailure) {
        // Not writable for others whatever the umask: the host refuses such workers.
        guard mkdir(path, 0o755) == 0 || errno == EEXIST else { throw Self.failure("'\(path)' cannot be made") }
    }

    private func write(_ text: String, to path: String) throws(CommandFailure) {
        var missing: [String] = []
        var folder = PathText.directory(of: path)
        while !Self.exists(folder) {
            missing.append(folder)
            folder = PathText.directory(of: folder)
        }
        for folder in missing.reversed() { try directory(folder) }
        try TextOutput.create(path, text, mode: 0o644)
    }

    private func move(_ source: String, to target: String) throws(CommandFailure) {
        guard !Self.exists(target) else {
            throw CommandFailure(.failed, "'\(target)' was made by somebody else meanwhile.")
        }
        guard rename(source, target) == 0 else { throw Self.failure("'\(target)' cannot be made") }
        made.append(target)
    }

    private func names(in path: String) throws(CommandFailure) -> [String] {
        do { return try FileManager.default.contentsOfDirectory(atPath: path) } catch {
            throw CommandFailure(.failed, "'\(path)' cannot be read: \(error).")
        }
    }

    private static func failure(_ what: String) -> CommandFailure {
        CommandFailure(.failed, "\(what): \(String(cString: strerror(errno))).")
    }
}
