/// Reads a frame's map: a reply, or one of the messages beside replies.
///
/// The members are found first; `result` and `logs` are then written as JSON straight from where they lie.
struct MessagePackMessageReader {
    private let bytes: UnsafeBufferPointer<UInt8>
    private let most: Int
    private var id: Range<Int>?
    private var success: Range<Int>?
    private var result: Range<Int>?
    private var error: Range<Int>?
    private var logs: Range<Int>?
    private var kind: Range<Int>?
    private var percent: Range<Int>?
    private var message: Range<Int>?
    private var level: Range<Int>?
    private var concurrency: Range<Int>?

    /// - Parameter most: the most bytes that result and logs may have together as JSON.
    static func read(_ frame: UnsafeBufferPointer<UInt8>, most: Int = .max) -> MessagePackMessage {
        var reader = MessagePackMessageReader(bytes: frame, most: most)
        do throws(MessagePackDecodingError) {
            try MessagePackScanner.members(of: frame, in: 0..<frame.count) { reader.note($0, $1) }
        } catch {
            return .unreadable(id: reader.text(reader.id), error)
        }
        return reader.decoded()
    }

    private init(bytes: UnsafeBufferPointer<UInt8>, most: Int) {
        self.bytes = bytes
        self.most = most
    }

    private mutating func note(_ name: Slice<UnsafeBufferPointer<UInt8>>, _ value: Range<Int>) {
        switch name.count {
        case 2 where name.elementsEqual("id".utf8): id = value
        case 4 where name.elementsEqual("logs".utf8): logs = value
        case 4 where name.elementsEqual("kind".utf8): kind = value
        case 5 where name.elementsEqual("error".utf8): error = value
        case 5 where name.elementsEqual("level".utf8): level = value
        case 6 where name.elementsEqual("result".utf8): result = value
        case 7 where name.elementsEqual("success".utf8): success = value
        case 7 where name.elementsEqual("percent".utf8): percent = value
        case 7 where name.elementsEqual("message".utf8): message = value
        case 11 where name.elementsEqual("concurrency".utf8): concurrency = value
        default: break
        }
    }

    private func decoded() -> MessagePackMessage {
        let id = text(self.id)
        if let success = success.flatMap({ MessagePackScanner.boolean(at: $0.lowerBound, in: bytes) }) {
            return success ? succeeded(id) : .reply(id: id, .failure(replyError()))
        }
        let kind = text(self.kind)
        return switch kind {
        case "ready": .ready(concurrency: number(concurrency).flatMap { Int(exactly: $0.rounded()) } ?? 1)
        case "progress": .progress(id: id, percent: number(percent), message: text(message))
        case "log": .log(id: id, level: text(level), message: text(message))
        default: .unknown(kind: kind)
        }
    }

    private func succeeded(_ id: String?) -> MessagePackMessage {
        do throws(MessagePackDecodingError) {
            let value = try json(result, "/result", most) ?? .null
            // As in JSON, `logs` that are no list are none.
            let isList = logs.map { MessagePackKind(bytes[$0.lowerBound]) == .array } ?? false
            let lines = try json(isList ? logs : nil, "/logs", most - value.bytes.count)
            return .reply(id: id, .success(TaskResult(value: value, logs: lines)))
        } catch {
            return .unreadable(id: id, error)
        }
    }

    private func json(
        _ range: Range<Int>?, _ root: String, _ most: Int
    ) throws(MessagePackDecodingError) -> RawJSON? {
        guard let range else { return nil }
        return try MessagePackToJSON.transcode(bytes, in: range, root: root, most: most)
    }

    private func number(_ range: Range<Int>?) -> Double? {
        range.flatMap { MessagePackScanner.number(at: $0.lowerBound, in: bytes)?.double }
    }

    private func text(_ range: Range<Int>?) -> String? {
        range.flatMap { MessagePackScanner.text(at: $0.lowerBound, in: bytes) }
    }

    /// The reply's `error`: a map as the protocol has it, or a plain text as the message.
    private func replyError() -> ReplyError {
        var reply = ReplyError()
        guard let error else { return reply }
        guard MessagePackKind(bytes[error.lowerBound]) == .map else {
            reply.message = text(error)
            return reply
        }
        do throws(MessagePackDecodingError) {
            try MessagePackScanner.members(of: bytes, in: error) { name, value in
                if name.elementsEqual("type".utf8) {
                    reply.type = text(value)
                } else if name.elementsEqual("message".utf8) {
                    reply.message = text(value)
                } else if name.elementsEqual("traceback".utf8) {
                    reply.traceback = text(value)
                } else if name.elementsEqual("retry_possible".utf8) {
                    reply.retryPossible = MessagePackScanner.boolean(at: value.lowerBound, in: bytes)
                } else if name.elementsEqual("retry_after".utf8) {
                    reply.retryAfter = number(value).flatMap(ReplyMembers.wait)
                }
            }
        } catch {
            // The scan of the whole message has accepted these bytes already.
            reply.message = "\(error)"
        }
        return reply
    }
}
