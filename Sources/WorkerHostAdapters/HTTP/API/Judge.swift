/// Says what an answer of the API means, from its status, head and body alone.
///
/// The server has its own ways: "no task" comes as an error, errors come with status 200 behind HTML, and a database's
/// words stand in for codes. So the words decide where there are any, and the status where there are none.
enum Judge {
    static func verdict(_ endpoint: Endpoint, _ response: HTTPResponse) -> Verdict {
        verdict(endpoint, status: response.status, retryAfter: response.retryAfter, body: response.body)
    }

    static func verdict(_ endpoint: Endpoint, status: Int, retryAfter: String?, body: [UInt8]) -> Verdict {
        let envelope = Envelope.find(in: body)
        let isSuccess = (200..<300).contains(status)
        if isSuccess, envelope?.success == true { return .done(data: envelope?.data) }
        let words = envelope?.complaint
        let wait = retryAfter.flatMap(seconds) ?? envelope?.retryAfter
        if let words, let verdict = byWords(endpoint, status, words, wait) { return verdict }
        if isSuccess {
            let what = envelope == nil ? preview(body) : "an answer without 'success'"
            return .unavailable("it answered \(status) with \(what)", wait: wait)
        }
        return byStatus(endpoint, status, words ?? preview(body), wait)
    }

    /// By what the server says; nil if that says nothing that is known.
    private static func byWords(_ endpoint: Endpoint, _ status: Int, _ words: String, _ wait: Double?) -> Verdict? {
        func says(_ part: String) -> Bool { words.contains(part) }
        // Before anything that quotes what was sent.
        if status == 401 || words.hasPrefix("Unauthorized") { return .unauthorized(words) }
        if status == 429 || words.hasPrefix("Too Many Requests") { return .tooManyCalls(words, wait: wait) }
        if status == 413 || words.hasPrefix("Request Too Large") { return .tooLong(words) }
        if endpoint == .claim, says("There is no active transaction") || says("No available tasks") { return .noTask }
        if says("SQLSTATE[40001]") || says("1213 Deadlock") || says("1205 Lock wait timeout") {
            return .contention(words)
        }
        if says("SQLSTATE[23000]"), says("1062"), endpoint == .registerType || endpoint == .createTask {
            return .contention(words)
        }
        if says("SQLSTATE[22001]") { return .tooLong(words) }
        if words.hasPrefix("SQLSTATE") || words.hasPrefix("Internal server error") {
            return .unavailable(words, wait: wait)
        }
        switch endpoint {
        case .complete, .progress, .readTask:
            if words.hasPrefix("Task is claimed by another worker") { return .claimedByAnother }
            if words.hasPrefix("Task is not in claimed state") { return .notClaimed }
            if words.hasPrefix("Task not found") { return .unknownTask }
        default: break
        }
        if words.hasPrefix("Endpoint not found") { return .wrongAddress(words) }
        if status == 403 { return .unauthorized(words) }
        let isRefusal = refusals.contains { words.hasPrefix($0) }
        return isRefusal ? .refused(words) : nil
    }

    /// What the API says about calls that will never succeed; with status 200 these words are all there is.
    private static let refusals = [
        "Validation failed", "Missing required field", "Invalid JSON", "JSON schema must", "Task type not found",
        "Task type is not active", "Parameter validation failed", "task_type_id must", "Invalid sort_",
        "Invalid select",
    ]

    private static func byStatus(_ endpoint: Endpoint, _ status: Int, _ words: String, _ wait: Double?) -> Verdict {
        switch status {
        case 401, 403, 407: .unauthorized("it answered \(status): \(words)")
        case 404 where endpoint == .createTask: .refused(words)
        case 404, 405, 410: .wrongAddress("it answered \(status): \(words)")
        case 413: .tooLong(words)
        case 429: .tooManyCalls(words, wait: wait)
        case 400, 422: .refused(words)
        default: .unavailable("it answered \(status): \(words)", wait: wait)
        }
    }

    /// The first words of a body, without tags, for messages.
    private static func preview(_ body: [UInt8]) -> String {
        if body.isEmpty { return "an empty body" }
        var text = ""
        var isTag = false
        for character in String(decoding: body.prefix(600), as: UTF8.self) {
            if character == "<" { isTag = true }
            if !isTag { text.append(character.isWhitespace || character.isNewline ? " " : character) }
            if character == ">" { isTag = false }
        }
        let words = text.split(separator: " ").joined(separator: " ")
        return words.isEmpty ? "something that is no JSON" : "'\(words.prefix(120))'"
    }

    /// `Retry-After` in seconds, as a number or as a date (`Wed, 21 Oct 2026 07:28:00 GMT`, which is not looked at: the
    /// clocks differ).
    private static func seconds(_ text: String) -> Double? {
        Double(text).flatMap { $0.isFinite && $0 >= 0 ? min($0, 86_400) : nil }
    }
}
