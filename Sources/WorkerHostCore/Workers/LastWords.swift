/// Says why a worker ended without a reply, as far as its standard error tells: the exception of a Python traceback, or
/// else its last line.
enum LastWords {
    private static let tracebackHead = "Traceback (most recent call last):"
    private static let longestLine = 300

    /// The failure with what the worker wrote last; unchanged if that tells nothing, or if the ending needs no words.
    static func added(to failure: TaskFailure, said: Said, standardError: String?) -> TaskFailure {
        if case .failure = said { return failure }
        if failure.isCancellation { return failure }
        switch failure.kind {
        case .retriable, .permanent, .protocolViolation, .crashed: break
        default: return failure
        }
        guard let standardError else { return failure }
        if let exception = exception(in: standardError), let code = failure.exitCode {
            return TaskFailure(
                kind: failure.kind, type: exception.type, message: "\(exception.message) (exit code \(code))",
                isRetriable: failure.isRetriable, traceback: exception.traceback, exitCode: code)
        }
        guard let last = lastLine(of: standardError) else { return failure }
        return TaskFailure(
            kind: failure.kind, type: failure.type,
            message: "\(failure.message); its last line on standard error: \(last)",
            isRetriable: failure.isRetriable, exitCode: failure.exitCode)
    }

    /// The last line that is not empty, cut when it is long.
    static func lastLine(of standardError: String?) -> String? {
        let last = standardError?.split(whereSeparator: \.isNewline).last { $0.contains { !$0.isWhitespace } }
        return last.map { String($0.prefix(longestLine)) }
    }

    private struct Exception {
        let type: String
        let message: String
        let traceback: String
    }

    /// The last traceback: its indented lines, and behind them `Type: message`, whose message may have several lines.
    private static func exception(in text: String) -> Exception? {
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        guard let head = lines.lastIndex(where: { $0.hasPrefix(tracebackHead) }) else { return nil }
        guard let end = lines[(head + 1)...].firstIndex(where: { !$0.hasPrefix(" ") && !$0.isEmpty }) else {
            return nil
        }
        let parts = lines[end].split(separator: ":", maxSplits: 1)
        guard let type = parts.first, type.allSatisfy({ $0.isLetter || $0.isNumber || $0 == "_" || $0 == "." }) else {
            return nil
        }
        let message = parts.count > 1 ? String(parts[1].drop(while: \.isWhitespace).prefix(longestLine)) : String(type)
        return Exception(
            type: String(type.split(separator: ".").last ?? type), message: message,
            traceback: lines[head...end].joined(separator: "\n"))
    }
}
