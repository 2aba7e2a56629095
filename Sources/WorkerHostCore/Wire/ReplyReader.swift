/// Finds the reply in what a oneshot worker wrote to standard output.
///
/// The reply is the whole output, or else its last line that is a reply, or else a last document over several lines.
/// Everything else is stray output.
struct ReplyReader {
    let said: Said
    /// Where stray output lies, in front of or behind the reply.
    let stray: [Range<Int>]
    /// Where the reply lies.
    let reply: Range<Int>?

    /// At most so many places are tried as the start of a reply over several lines: garbage must not cost much.
    private static let maxCandidates = 16

    static func read(_ output: [UInt8], taskID: String) -> ReplyReader {
        output.withUnsafeBufferPointer { read($0, taskID: taskID) }
    }

    private static func read(_ bytes: UnsafeBufferPointer<UInt8>, taskID: String) -> ReplyReader {
        let content = trimmed(bytes, 0..<bytes.count)
        guard !content.isEmpty else { return ReplyReader(said: .nothing, stray: [], reply: nil) }
        var firstError: JSONError?
        switch document(bytes, content, taskID) {
        case .reply(let said): return ReplyReader(said: said, stray: [], reply: content)
        case .notJSON(let error): firstError = error
        case .otherJSON: break
        }
        if let found = lastReplyLine(bytes, content, taskID) ?? lastReplyBlock(bytes, content, taskID) { return found }
        if let firstError, firstError.reason == .truncated, bytes[content.lowerBound] == 0x7B {
            return ReplyReader(said: .half(firstError), stray: [content], reply: nil)
        }
        if let error = brokenLastLine(bytes, content) {
            return ReplyReader(said: .half(error), stray: [content], reply: nil)
        }
        return ReplyReader(said: .garbage(preview: preview(bytes, content)), stray: [content], reply: nil)
    }

    private static func lastReplyLine(
        _ bytes: UnsafeBufferPointer<UInt8>, _ content: Range<Int>, _ taskID: String
    ) -> ReplyReader? {
        var end = content.upperBound
        while end > content.lowerBound {
            let start = lineStart(bytes, content, before: end)
            let line = trimmed(bytes, start..<end)
            if !line.isEmpty, bytes[line.lowerBound] == 0x7B, case .reply(let said) = document(bytes, line, taskID) {
                return ReplyReader(said: said, stray: around(line, in: content), reply: line)
            }
            end = start - 1
        }
        return nil
    }

    private static func lastReplyBlock(
        _ bytes: UnsafeBufferPointer<UInt8>, _ content: Range<Int>, _ taskID: String
    ) -> ReplyReader? {
        var end = content.upperBound
        var candidates = 0
        while end > content.lowerBound, candidates < maxCandidates {
            let start = lineStart(bytes, content, before: end)
            if start < content.upperBound, bytes[start] == 0x7B {
                candidates += 1
                let block = start..<content.upperBound
                if case .reply(let said) = document(bytes, block, taskID) {
                    return ReplyReader(said: said, stray: around(block, in: content), reply: block)
                }
            }
            end = start - 1
        }
        return nil
    }

    /// The error of the last line if it begins like a reply and breaks off.
    private static func brokenLastLine(_ bytes: UnsafeBufferPointer<UInt8>, _ content: Range<Int>) -> JSONError? {
        let line = trimmed(bytes, lineStart(bytes, content, before: content.upperBound)..<content.upperBound)
        guard !line.isEmpty, bytes[line.lowerBound] == 0x7B else { return nil }
        do throws(JSONError) {
            try JSONScanner.members(of: bytes, in: line) { _ in }
            return nil
        } catch {
            return error.reason == .truncated ? error : nil
        }
    }

    private static func lineStart(
        _ bytes: UnsafeBufferPointer<UInt8>, _ content: Range<Int>, before end: Int
    ) -> Int {
        var start = end
        while start > content.lowerBound, bytes[start - 1] != 0x0A { start -= 1 }
        return start
    }

    private enum Document {
        case reply(Said)
        case otherJSON
        case notJSON(JSONError)
    }

    private static func document(
        _ bytes: UnsafeBufferPointer<UInt8>, _ range: Range<Int>, _ taskID: String
    ) -> Document {
        var members = ReplyMembers()
        do throws(JSONError) {
            try JSONScanner.members(of: bytes, in: range) { members.note($0, in: bytes) }
        } catch {
            return .notJSON(error)
        }
        guard let success = members.success(in: bytes) else { return .otherJSON }
        if let id = members.text(members.id, in: bytes), id != taskID { return .reply(.wrongTask(id: id)) }
        guard success else { return .reply(.failure(members.replyError(in: bytes))) }
        let value = members.result.map { RawJSON(unchecked: Array(bytes[$0])) } ?? .null
        let logs = members.logs.map { RawJSON(unchecked: Array(bytes[$0])) }
        return .reply(.success(TaskResult(value: value, logs: logs)))
    }

    private static func trimmed(_ bytes: UnsafeBufferPointer<UInt8>, _ range: Range<Int>) -> Range<Int> {
        var (start, end) = (range.lowerBound, range.upperBound)
        while start < end, isSpace(bytes[start]) { start += 1 }
        while end > start, isSpace(bytes[end - 1]) { end -= 1 }
        return start..<end
    }

    private static func isSpace(_ byte: UInt8) -> Bool {
        byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09
    }

    private static func around(_ reply: Range<Int>, in content: Range<Int>) -> [Range<Int>] {
        [content.lowerBound..<reply.lowerBound, reply.upperBound..<content.upperBound].filter { !$0.isEmpty }
    }

    private static func preview(_ bytes: UnsafeBufferPointer<UInt8>, _ content: Range<Int>) -> String {
        let cut = content.prefix(120)
        return String(decoding: bytes[cut], as: UTF8.self) + (cut.count < content.count ? "…" : "")
    }
}
