extension TaskFailure {
    /// The same failure; where the worker gave no reason in a reply, its last line on standard error is added to the
    /// message. For an exception that nobody caught that line is the cause, and the only trace of it that an attempt
    /// which is tried again leaves in the timeline.
    func withLastWords(of said: Said) -> TaskFailure {
        switch (said, kind) {
        case (.nothing, .retriable), (.nothing, .protocolViolation), (.garbage, .retriable),
            (.garbage, .protocolViolation):
            break
        default: return self
        }
        guard let line = lastErrorLine else { return self }
        return TaskFailure(
            kind: kind, type: type, message: "\(message); its last line on standard error: \(line)",
            isRetriable: isRetriable, traceback: traceback, exitCode: exitCode, usage: usage,
            standardErrorTail: standardErrorTail)
    }

    private var lastErrorLine: String? {
        let lines = standardErrorTail?.split(whereSeparator: \.isNewline) ?? []
        guard let line = lines.last(where: { !$0.allSatisfy(\.isWhitespace) }) else { return nil }
        return line.count > 200 ? "\(line.prefix(200))…" : String(line)
    }
}
