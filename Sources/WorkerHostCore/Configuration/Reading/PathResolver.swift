import Foundation

/// Makes the file's paths absolute. Symbolic links stay: a virtualenv's `python` must be started by its own path, or
/// it does not find its packages.
struct PathResolver {
    /// The directory of the configuration file; absolute.
    let base: String
    private let home: String?
    private let searchPath: [String]

    init(baseDirectory: String, environment: [String: String]) {
        home = environment["HOME"]
        searchPath = (environment["PATH"] ?? "/usr/local/bin:/usr/bin:/bin").split(separator: ":").map(String.init)
        let current = FileManager.default.currentDirectoryPath
        base = Self.tidied(baseDirectory.hasPrefix("/") ? baseDirectory : "\(current)/\(baseDirectory)")
    }

    /// A path relative to the file's directory, or below `~`.
    func absolute(_ path: String) -> String {
        if let home, path == "~" || path.hasPrefix("~/") { return Self.tidied(home + path.dropFirst()) }
        return Self.tidied(path.hasPrefix("/") ? path : "\(base)/\(path)")
    }

    /// A program: a path as above, or a bare name that is looked for beside the file and then in `PATH`.
    /// The bare name comes back if it is found nowhere.
    func program(_ name: String) -> String {
        if name.contains("/") || name == "~" { return absolute(name) }
        let local = absolute(name)
        if Self.isFile(local) { return local }
        let candidates = searchPath.filter { $0.hasPrefix("/") }.map { "\($0)/\(name)" }
        return candidates.first { Self.isFile($0) && FileManager.default.isExecutableFile(atPath: $0) } ?? name
    }

    /// The interpreter, which may be given by its virtualenv's directory.
    func interpreter(_ path: String) -> String {
        let local = absolute(path)
        var isDirectory: ObjCBool = false
        if FileManager.default.fileExists(atPath: local, isDirectory: &isDirectory), isDirectory.boolValue {
            return "\(local)/bin/python"
        }
        let found = program(path)
        return found.hasPrefix("/") ? found : local
    }

    private static func isFile(_ path: String) -> Bool {
        var isDirectory: ObjCBool = false
        return FileManager.default.fileExists(atPath: path, isDirectory: &isDirectory) && !isDirectory.boolValue
    }

    /// Without `.` and empty components. `..` stays: before it there may be a symbolic link.
    private static func tidied(_ path: String) -> String {
        "/" + path.split(separator: "/").filter { $0 != "." }.joined(separator: "/")
    }
}
