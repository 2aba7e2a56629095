/// Whether replies hold what the protocol knows, in the form it knows.
struct ReplyShapes {
    private static let known: Set = ["id", "success", "result", "logs", "error"]
    private static let knownInError: Set = ["type", "message", "traceback", "retry_possible", "retry_after"]
    private static let longestWait = 30.0 * 86_400

    private(set) var verdicts: [ConformanceVerdict] = []
    private(set) var successes = 0
    private(set) var failures = 0

    mutating func look(at reply: ConformanceReply, _ subject: ConformanceSubject) {
        if reply.isSuccess { successes += 1 } else { failures += 1 }
        members(reply)
        logs(reply)
        if !reply.isSuccess { error(reply) }
        size(reply, subject)
    }

    /// Looks at the reply to the valid task of a worker that is given several at a time.
    mutating func lookForID(_ reply: ConformanceReply) {
        guard reply.id == nil else { return }
        warn(
            "a reply has no 'id': it is taken for that of the oldest open task",
            "Send the task's id back; with several tasks in flight answers would be mixed up otherwise.")
    }

    private mutating func members(_ reply: ConformanceReply) {
        let unknown = Set(reply.members.keys).subtracting(Self.known).sorted()
        if !unknown.isEmpty {
            let lacksResult = reply.isSuccess && reply.members["result"] == nil
            warn(
                "a reply has \(DoctorText.list(unknown)), which the protocol does not know"
                    + (lacksResult ? ", and no 'result'" : ""),
                lacksResult
                    ? "What the task came to goes into 'result': everything else is dropped."
                    : "Put it into 'result': what the protocol does not know is dropped.")
        }
        switch reply.members["id"] {
        // Where the task had none there is none to send back: what a valid task gets is looked at by itself.
        case nil, .null?, .string?: break
        case .number?: warn("a reply's 'id' is a number", "Send the task's id back as it came, as a text.")
        case let other?:
            fail(
                "a reply's 'id' is \(other.kindText)", "Send the task's id back as it came, as a text, or leave it out."
            )
        }
        if reply.isSuccess, let error = reply.members["error"], error != .null {
            warn(
                "a reply says success and has an 'error' too", "Say \"success\": false where something went wrong.")
        }
    }

    private mutating func logs(_ reply: ConformanceReply) {
        guard let logs = reply.members["logs"], logs != .null else { return }
        guard case .array(let entries) = logs else {
            return fail(
                "'logs' is \(logs.kindText), and is dropped",
                "Make it a list: [{\"level\": \"INFO\", \"message\": \"…\"}].")
        }
        let isWell = entries.allSatisfy { entry in
            guard case .object(let members) = entry, case .string? = members["message"] else { return false }
            if case .string? = members["level"] { return true }
            return members["level"] == nil
        }
        if !isWell {
            warn(
                "'logs' has entries without a text 'message' or with a 'level' that is no text",
                "Write each as {\"level\": \"INFO\", \"message\": \"…\"}.")
        }
    }

    private mutating func error(_ reply: ConformanceReply) {
        switch reply.members["error"] {
        case nil, .null?:
            warn(
                "a reply says failure without an 'error'",
                "Add \"error\": {\"type\": …, \"message\": …}: it is what people get to read.")
        case .string?: break
        case .object(let error)?: self.error(error)
        case let other?:
            fail(
                "'error' is \(other.kindText), and is dropped",
                "Make it an object: {\"type\": …, \"message\": …, \"retry_possible\": …}.")
        }
    }

    private mutating func error(_ error: [String: JSONValue]) {
        for name in ["type", "message", "traceback"] {
            switch error[name] {
            case nil, .string?, .null?: continue
            case let other?:
                fail("'error.\(name)' is \(other.kindText), and is dropped", "Make it a text.")
            }
        }
        if error["message"] == nil {
            warn("'error' has no 'message'", "Add one: it is what people get to read.")
        }
        switch error["retry_possible"] {
        case nil, .bool?, .null?: break
        case let other?:
            fail(
                "'error.retry_possible' is \(other.kindText), so the task is tried again whatever it says",
                "Make it true or false, without quotes.")
        }
        switch error["retry_after"] {
        case nil, .null?: break
        case .number(let number)? where number.double >= 0 && number.double <= Self.longestWait: break
        default:
            fail(
                "'error.retry_after' is no number of seconds from 0 to 30 days",
                "Make it a number, without quotes or unit.")
        }
        let unknown = Set(error.keys).subtracting(Self.knownInError).sorted()
        if !unknown.isEmpty {
            warn(
                "'error' has \(DoctorText.list(unknown)), which the protocol does not know",
                "Put it into 'message' or 'traceback': the rest is dropped.")
        }
    }

    private mutating func size(_ reply: ConformanceReply, _ subject: ConformanceSubject) {
        let limit = subject.configuration.limits.maxReplyBytes
        // An echo of the large task is as large as that was.
        guard reply.size > limit / 2, reply.size < LargeParamsCheck.size else { return }
        warn(
            "a reply has \(DoctorText.bytes(reply.size)), more than half of limits.max_reply_bytes",
            "Put large results into a file or a database and reply with where they are, or raise the limit.")
    }

    private mutating func fail(_ message: String, _ advice: String) { add(.failed(message, advice)) }

    private mutating func warn(_ message: String, _ advice: String) { add(.warning(message, advice)) }

    private mutating func add(_ verdict: ConformanceVerdict) {
        if !verdicts.contains(where: { $0.message == verdict.message }) { verdicts.append(verdict) }
    }
}
