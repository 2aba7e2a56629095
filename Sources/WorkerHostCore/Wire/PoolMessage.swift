/// What a pooled worker says in one frame.
enum PoolMessage: Sendable {
    /// The reply to the task of that id; without one, to the oldest that is open.
    case reply(id: String?, Said)
    /// It takes tasks, so many side by side.
    case ready(concurrency: Int)
    /// How far a task has come.
    case progress(id: String?, percent: Int, message: String?)
    /// A line for the log.
    case log(id: String?, level: String, message: String)
    /// A reply whose content cannot be taken; why.
    case unreadable(id: String?, String)
    /// A reply that is longer than allowed once it is written as JSON; where.
    case tooLong(id: String?, String)
    /// No message of the protocol: something that was printed.
    case stray

    /// Understands a frame.
    /// - Parameter most: the most bytes of JSON in a reply.
    static func read(
        _ bytes: UnsafeBufferPointer<UInt8>, _ format: WorkerConfiguration.Format, most: Int
    ) -> PoolMessage {
        switch format {
        case .json: read(bytes)
        case .msgpack: PoolMessage(MessagePackMessageReader.read(bytes, most: most))
        }
    }

    private init(_ message: MessagePackMessage) {
        switch message {
        case .reply(let id, let said): self = .reply(id: id, said)
        case .ready(let concurrency): self = .ready(concurrency: concurrency)
        case .progress(let id, let percent, let message):
            self = .progress(id: id, percent: Self.percent(percent), message: message)
        case .log(let id, let level, let message): self = .log(id: id, level: level ?? "INFO", message: message ?? "")
        case .unreadable(let id, let error) where error.isTooLong: self = .tooLong(id: id, "\(error)")
        case .unreadable(let id, let error): self = .unreadable(id: id, "\(error)")
        case .unknown: self = .stray
        }
    }

    private static func percent(_ value: Double?) -> Int {
        // NaN and what is out of range alike.
        guard let value, value > 0 else { return 0 }
        return value < 100 ? Int(value.rounded()) : 100
    }

    /// Understands a frame of JSON.
    static func read(_ bytes: UnsafeBufferPointer<UInt8>) -> PoolMessage {
        guard let first = bytes.first(where: { $0 != 0x20 && $0 != 0x09 }), first == 0x7B else { return .stray }
        var members = ReplyMembers()
        var others = Others()
        do throws(JSONError) {
            try JSONScanner.members(of: bytes, in: 0..<bytes.count) { member in
                members.note(member, in: bytes)
                others.note(member, in: bytes)
            }
        } catch {
            return .stray
        }
        let id = members.text(members.id, in: bytes)
        if let success = members.success(in: bytes) {
            guard success else { return .reply(id: id, .failure(members.replyError(in: bytes))) }
            let value = members.result.map { RawJSON(unchecked: Array(bytes[$0])) } ?? .null
            let logs = members.logs.map { RawJSON(unchecked: Array(bytes[$0])) }
            return .reply(id: id, .success(TaskResult(value: value, logs: logs)))
        }
        return others.message(id: id, members, in: bytes)
    }

    /// Where the members of messages lie that are no replies.
    private struct Others {
        var kind: Range<Int>?
        var percent: Range<Int>?
        var message: Range<Int>?
        var level: Range<Int>?
        var concurrency: Range<Int>?

        mutating func note(_ member: JSONScanner.Member, in bytes: UnsafeBufferPointer<UInt8>) {
            let name = bytes[member.name]
            switch name.count {
            case 4: if name.elementsEqual("kind".utf8) { kind = member.value }
            case 5: if name.elementsEqual("level".utf8) { level = member.value }
            case 7:
                if name.elementsEqual("percent".utf8) {
                    percent = member.value
                } else if name.elementsEqual("message".utf8) {
                    message = member.value
                }
            case 11: if name.elementsEqual("concurrency".utf8) { concurrency = member.value }
            default: break
            }
        }

        func message(
            id: String?, _ members: ReplyMembers, in bytes: UnsafeBufferPointer<UInt8>
        ) -> PoolMessage {
            func text(_ range: Range<Int>?) -> String? { members.text(range, in: bytes) }
            func number(_ range: Range<Int>?) -> Int? {
                text(range).flatMap { Double($0) }.flatMap { Int(exactly: $0.rounded()) }
            }
            switch text(kind) {
            case "ready": return .ready(concurrency: number(concurrency) ?? 1)
            case "progress":
                return .progress(
                    id: id, percent: PoolMessage.percent(text(percent).flatMap { Double($0) }), message: text(message))
            case "log": return .log(id: id, level: text(level) ?? "INFO", message: text(message) ?? "")
            default: return .stray
            }
        }
    }
}
