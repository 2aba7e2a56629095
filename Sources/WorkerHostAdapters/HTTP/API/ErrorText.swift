import WorkerHostCore

/// A failure as one text: the server keeps nothing else of it.
enum ErrorText {
    /// What the server's column holds, with some room for one that counts otherwise.
    static let usualLimit = 65_000

    /// `TYPE: MESSAGE`, and behind it the traceback's end, or the last lines on standard error, as far as the limit
    /// allows.
    /// - Parameter limit: in bytes of UTF-8.
    static func text(of failure: TaskFailure, limit: Int = usualLimit) -> String {
        let head = failure.description
        guard head.utf8.count < limit else { return prefix(head, limit) }
        let (title, tail) =
            if let traceback = failure.traceback, !traceback.isEmpty { ("", traceback) } else {
                ("standard error:\n", failure.standardErrorTail ?? "")
            }
        guard !tail.isEmpty else { return head }
        let room = limit - head.utf8.count - title.utf8.count - 2 - mark.utf8.count
        guard room > 0 else { return head }
        let isWhole = tail.utf8.count <= room
        return head + "\n\n" + title + (isWhole ? tail : mark + suffix(tail, room))
    }

    /// Stands where a text was cut.
    private static let mark = "…\n"

    /// The text's beginning of at most so many bytes; no character is cut in two.
    static func prefix(_ text: String, _ limit: Int) -> String {
        guard text.utf8.count > limit else { return text }
        var index = text.utf8.index(text.utf8.startIndex, offsetBy: max(0, limit - "…".utf8.count))
        while index > text.startIndex, index.samePosition(in: text.unicodeScalars) == nil {
            index = text.utf8.index(before: index)
        }
        return text[..<index] + "…"
    }

    /// The text's end of at most so many bytes.
    static func suffix(_ text: String, _ limit: Int) -> Substring {
        guard text.utf8.count > limit else { return text[...] }
        var index = text.utf8.index(text.utf8.endIndex, offsetBy: -limit)
        while index < text.endIndex, index.samePosition(in: text.unicodeScalars) == nil {
            index = text.utf8.index(after: index)
        }
        return text[index...]
    }
}
