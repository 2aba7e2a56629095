/// Where the members of a reply lie.
struct ReplyMembers {
    private(set) var id: Range<Int>?
    private(set) var result: Range<Int>?
    private(set) var logs: Range<Int>?
    private var successRange: Range<Int>?
    private var error: Range<Int>?

    mutating func note(_ member: JSONScanner.Member, in bytes: UnsafeBufferPointer<UInt8>) {
        let name = bytes[member.name]
        // By length first: every member of every reply comes by here.
        switch name.count {
        case 2: if name.elementsEqual("id".utf8) { id = member.value }
        case 4:
            guard name.elementsEqual("logs".utf8) else { return }
            logs = bytes[member.value.lowerBound] == 0x5B ? member.value : nil
        case 5: if name.elementsEqual("error".utf8) { error = member.value }
        case 6: if name.elementsEqual("result".utf8) { result = member.value }
        case 7: if name.elementsEqual("success".utf8) { successRange = member.value }
        default: break
        }
    }

    /// The reply's `success`; nil if it has none that is true or false, and so is no reply.
    func success(in bytes: UnsafeBufferPointer<UInt8>) -> Bool? {
        successRange.flatMap { Self.boolean(bytes[$0.lowerBound]) }
    }

    /// A string's text, or a number's digits; nil for anything else.
    func text(_ range: Range<Int>?, in bytes: UnsafeBufferPointer<UInt8>) -> String? {
        guard let range else { return nil }
        switch bytes[range.lowerBound] {
        case 0x22: return JSONText.decode(bytes[range.lowerBound + 1..<range.upperBound - 1])
        case 0x2D, 0x30...0x39: return String(decoding: bytes[range], as: UTF8.self)
        default: return nil
        }
    }

    /// The reply's `error`: an object as the protocol has it, or a plain text as the message.
    func replyError(in bytes: UnsafeBufferPointer<UInt8>) -> ReplyError {
        var reply = ReplyError()
        guard let error else { return reply }
        guard bytes[error.lowerBound] == 0x7B else {
            reply.message = text(error, in: bytes)
            return reply
        }
        do throws(JSONError) {
            try JSONScanner.members(of: bytes, in: error) { member in
                let name = bytes[member.name]
                if name.elementsEqual("type".utf8) {
                    reply.type = text(member.value, in: bytes)
                } else if name.elementsEqual("message".utf8) {
                    reply.message = text(member.value, in: bytes)
                } else if name.elementsEqual("traceback".utf8) {
                    reply.traceback = text(member.value, in: bytes)
                } else if name.elementsEqual("retry_possible".utf8) {
                    reply.retryPossible = Self.boolean(bytes[member.value.lowerBound])
                } else if name.elementsEqual("retry_after".utf8), bytes[member.value.lowerBound] != 0x22 {
                    reply.retryAfter = text(member.value, in: bytes).flatMap { Double($0) }.flatMap(Self.wait)
                }
            }
        } catch {
            // The scan of the whole reply has accepted these bytes already.
            reply.message = "\(error)"
        }
        return reply
    }

    /// A number of seconds, a month at most; nil for what is no wait.
    static func wait(_ seconds: Double) -> Duration? {
        guard seconds >= 0 else { return nil }
        return .seconds(min(seconds, 30 * 86_400))
    }

    private static func boolean(_ first: UInt8) -> Bool? {
        switch first {
        case 0x74: true
        case 0x66: false
        default: nil
        }
    }
}
