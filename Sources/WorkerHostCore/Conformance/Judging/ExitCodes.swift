/// Whether exit codes agree with the replies before them.
struct ExitCodes {
    private(set) var verdicts: [ConformanceVerdict] = []
    private(set) var count = 0

    /// Looks at one process that served one task and ended by itself.
    mutating func look(at reply: ConformanceReply, code: Int32) {
        count += 1
        if let verdict = Self.judge(reply, code), !verdicts.contains(where: { $0.message == verdict.message }) {
            verdicts.append(verdict)
        }
    }

    private static func judge(_ reply: ConformanceReply, _ code: Int32) -> ConformanceVerdict? {
        if reply.isSuccess {
            guard code != 0 else { return nil }
            return .failed(
                "it replied success and ended with exit code \(code): the result is not taken",
                "End with exit code 0 after a success. If something fails behind the reply, do it before, or leave its "
                    + "exit code out of the worker's.")
        }
        switch code {
        case 0, 1, 3: return nil
        case 2:
            guard reply.retryPossible == true else { return nil }
            return .warning(
                "it replied \"retry_possible\": true and ended with exit code 2: the task is not tried again",
                "Exit code 2 means failed for good and wins; end with 1 where another try may help.")
        case 130, 143:
            return .warning(
                "it replied failure and ended with exit code \(code), though nobody had interrupted it",
                "Keep 130 and 143 for a worker that was asked to end; end with 1, or 2 where another try is useless.")
        default:
            return .warning(
                "it replied failure and ended with exit code \(code), which means no more than 1",
                "End with 1 where another try may help, with 2 where it cannot, with 3 when out of time.")
        }
    }
}

extension ConformanceReply {
    /// What the reply says about another try; nil if nothing.
    var retryPossible: Bool? {
        if case .object(let error)? = members["error"], case .bool(let flag)? = error["retry_possible"] {
            flag
        } else {
            nil
        }
    }
}
