import Foundation

/// Where the temporary files of workers go: a directory for each lane, emptied after each attempt, so that a killed
/// worker leaves nothing behind. Blocking: for dedicated threads.
struct ScratchSpace: Sendable {
    /// In bytes. Python's `multiprocessing` puts sockets into `TMPDIR`, under names of 32 bytes, and the path of a socket
    /// has 107 at most: in a longer directory it would fail.
    static let longestPath = 75

    /// The directory of this host; absolute.
    let path: String

    /// - Parameter stateDirectory: the directories of all hosts lie in its `tmp`.
    init(stateDirectory: String, hostID: String) {
        path = "\(Self.root(stateDirectory))/\(hostID)"
    }

    /// A directory for one lane; nil when it cannot be made (a full disk) or its path is too long for sockets: the lane
    /// goes without.
    func directory(name: String) -> ScratchDirectory? {
        let directory = "\(path)/\(name)"
        guard directory.utf8.count <= Self.longestPath else { return nil }
        do {
            try FileManager.default.createDirectory(
                atPath: directory, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        } catch {
            return nil
        }
        return ScratchDirectory(path: directory)
    }

    func remove() {
        ScratchDirectory.removeTree(path)
    }

    /// Removes what hosts left that do not live any more.
    /// - Parameter isAlive: whether a host of that id may still use its directory.
    static func sweep(stateDirectory: String, isAlive: (String) -> Bool) {
        let root = root(stateDirectory)
        // Nothing there yet is nothing to sweep.
        let hosts = (try? FileManager.default.contentsOfDirectory(atPath: root)) ?? []
        for host in hosts where !isAlive(host) { ScratchDirectory.removeTree("\(root)/\(host)") }
    }

    private static func root(_ stateDirectory: String) -> String {
        URL(fileURLWithPath: stateDirectory).appendingPathComponent("tmp").path
    }
}
