import Foundation

extension Face {
    /// The part of a request's path that names the endpoint, without the base's `/api` and a slash at its end.
    func path(_ raw: String) -> String {
        var path: String
        switch self {
        case .documented:
            guard raw == "/api" || raw.hasPrefix("/api/") else { return "" }
            path = String(raw.dropFirst(4))
            path = path.removingPercentEncoding ?? path
        case .quirks:
            // Wherever it stands, and nothing is decoded.
            path = raw.replacingOccurrences(of: "/api", with: "")
        }
        if path.hasSuffix("/") { path.removeLast() }
        return path
    }

    /// The id of a task in a path; nil for what no task has.
    func taskID(_ text: String) -> Int64? {
        switch self {
        case .documented: Int64(text)
        // Compared with a number, a text counts as the digits that it begins with.
        case .quirks: Int64(text.prefix { $0.isASCII && $0.isNumber })
        }
    }
}
