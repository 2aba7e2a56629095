/// Parts of paths. (`NSString.deletingLastPathComponent` traps on Linux for a name of one letter.)
enum PathText {
    /// The directory that a path lies in; `.` for a bare name.
    static func directory(of path: String) -> String {
        let path = tidied(path)
        guard let slash = path.lastIndex(of: "/") else { return "." }
        return slash == path.startIndex ? "/" : tidied(String(path[..<slash]))
    }

    /// The last name in a path.
    static func name(of path: String) -> String {
        let path = tidied(path)
        return path.lastIndex(of: "/").map { String(path[path.index(after: $0)...]) } ?? path
    }

    /// Without slashes at the end.
    static func tidied(_ path: String) -> String {
        var path = path
        while path.utf8.count > 1, path.hasSuffix("/") { path.removeLast() }
        return path
    }
}
