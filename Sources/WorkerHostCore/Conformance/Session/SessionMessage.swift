/// Something that a worker wrote to standard output.
struct SessionMessage: Sendable {
    enum Content: Sendable {
        case reply(ConformanceReply)
        /// `{"kind":"ready"}`, with its members.
        case ready([String: JSONValue])
        /// Progress, or a line for the log.
        case note
        /// No message of the protocol: something that was printed.
        case stray(String)
        /// What comes after this cannot be understood any more.
        case broken(String)
    }

    let content: Content
    /// Since the start of the process.
    let at: Duration

    var reply: ConformanceReply? {
        if case .reply(let reply) = content { reply } else { nil }
    }

    /// Understands a frame.
    static func read(_ bytes: [UInt8], isMessagePack: Bool, at: Duration) -> SessionMessage {
        let json: RawJSON
        if isMessagePack {
            do throws(MessagePackDecodingError) {
                json = try MessagePackToJSON.transcode(bytes)
            } catch {
                return SessionMessage(content: .broken("a frame that cannot be read: \(error)"), at: at)
            }
        } else {
            json = RawJSON(unchecked: bytes)
        }
        do throws(JSONError) {
            guard case .object(let members) = try JSONValue(json) else { return stray(json.bytes, at) }
            if let reply = ConformanceReply(members, size: bytes.count, at: at) {
                return SessionMessage(content: .reply(reply), at: at)
            }
            switch members["kind"] {
            case .string("ready")?: return SessionMessage(content: .ready(members), at: at)
            case .string("progress")?, .string("log")?: return SessionMessage(content: .note, at: at)
            default: return stray(json.bytes, at)
            }
        } catch {
            return stray(bytes, at)
        }
    }

    private static func stray(_ bytes: [UInt8], _ at: Duration) -> SessionMessage {
        SessionMessage(content: .stray(String(decoding: bytes.prefix(200), as: UTF8.self)), at: at)
    }
}

/// A reply with all its members.
struct ConformanceReply: Sendable {
    let id: String?
    let isSuccess: Bool
    let members: [String: JSONValue]
    /// In bytes, as it came.
    let size: Int
    /// Since the start of the process.
    let at: Duration

    /// nil if it has no `success` that is true or false, and so is no reply.
    init?(_ members: [String: JSONValue], size: Int, at: Duration) {
        guard case .bool(let success)? = members["success"] else { return nil }
        isSuccess = success
        self.members = members
        self.size = size
        self.at = at
        id =
            switch members["id"] {
            case .string(let text)?: text
            case .number(let number)?: number.text
            default: nil
            }
    }

    /// `ValueError: no such channel`, as far as the reply tells; cut when it is long.
    var errorText: String {
        var parts: [String] = []
        switch members["error"] {
        case .object(let error)?:
            for name in ["type", "message"] {
                if case .string(let text)? = error[name] { parts.append(Self.cut(text)) }
            }
        case .string(let text)?: parts = [Self.cut(text)]
        default: break
        }
        return parts.isEmpty ? "without a message" : parts.joined(separator: ": ")
    }

    private static func cut(_ text: String) -> String { text.count > 80 ? "\(text.prefix(79))…" : text }

    /// The error's type, which does not change from task to task as a message may.
    var errorType: String {
        if case .object(let error)? = members["error"], case .string(let type)? = error["type"] { type } else { "" }
    }

    /// Whether the reply says that another try is useless.
    var isFinal: Bool {
        if case .object(let error)? = members["error"] { error["retry_possible"] == .bool(false) } else { false }
    }
}
