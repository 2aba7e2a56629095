import Foundation

/// Counts the completions in a server's journal as it grows, without reading anything twice.
struct JournalTail {
    private let path: String
    private var offset: UInt64 = 0
    private var rest = Data()
    private(set) var completed = 0
    private(set) var failed = 0
    /// A line that tells of a task which finally failed.
    private(set) var failure: String?

    /// - Parameter path: of the server's data.
    init(path: String) { self.path = path + ".journal" }

    /// Reads on; returns how many tasks have been completed by now.
    mutating func count() throws -> Int {
        let file = try FileHandle(forReadingFrom: URL(fileURLWithPath: path))
        defer { try? file.close() }
        try file.seek(toOffset: offset)
        let new = try file.readToEnd() ?? Data()
        offset += UInt64(new.count)
        var lines = (rest + new).split(separator: 0x0A, omittingEmptySubsequences: false)
        // The last one may not be whole.
        rest = Data(lines.removeLast())
        for line in lines {
            let isRecovered = line.contains(#""event":"recovered""#) && line.contains(#""text":"completed""#)
            if isRecovered || line.contains(#""event":"completed""#) { completed += 1 }
            if line.contains(#""event":"failed""#) {
                failed += 1
                failure = String(decoding: line, as: UTF8.self)
            }
        }
        return completed
    }
}

extension Data {
    fileprivate func contains(_ text: String) -> Bool { range(of: Data(text.utf8)) != nil }
}
