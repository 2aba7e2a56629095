import Foundation
import WorkerHostCore

extension Answer {
    private static var now: Int { Int(Date().timeIntervalSince1970) }

    /// `data` in the envelope of a success.
    static func success(_ data: some Sequence<UInt8>, status: Int = 200) -> Answer {
        var writer = JSONWriter()
        writer.add("success", true)
        writer.add("message", "Success")
        writer.add("data", raw: data)
        writer.add("timestamp", now)
        return Answer(status, writer.object)
    }

    /// An error in its envelope.
    static func failure(_ status: Int, _ error: String, details: [String] = []) -> Answer {
        var writer = JSONWriter()
        writer.add("success", false)
        writer.add("error", error)
        if !details.isEmpty {
            writer.add(
                "details",
                raw: JSONWriter.list(
                    details.map { detail in
                        var bytes: [UInt8] = []
                        JSONWriter.write(detail, to: &bytes)
                        return bytes
                    }))
        }
        writer.add("timestamp", now)
        return Answer(status, writer.object)
    }

    /// What a field must be.
    static func invalid(_ detail: String) -> Answer { failure(400, "Validation failed", details: [detail]) }

    /// An uncaught error of the real server.
    static var empty: Answer { Answer(500, []) }

    static func dataTooLong(_ column: String) -> Answer {
        failure(
            500,
            "SQLSTATE[22001]: String data, right truncated: 1406 Data too long for column '\(column)' at row 1")
    }

    static var deadlock: Answer {
        failure(
            500,
            "SQLSTATE[40001]: Serialization failure: 1213 Deadlock found when trying to get lock; try restarting transaction"
        )
    }

    static func duplicateEntry(_ value: String, key: String) -> Answer {
        failure(
            500,
            "SQLSTATE[23000]: Integrity constraint violation: 1062 Duplicate entry '\(value)' for key '\(key)'")
    }

    static func unauthorized(_ face: Face) -> Answer {
        let message = "Invalid or missing API key. Include X-API-Key header with your request."
        return outside(401, "Unauthorized", message, face)
    }

    static func tooLarge(limit: Int, _ face: Face) -> Answer {
        let message = "Request body exceeds maximum allowed size of \(limit >> 10) KB"
        return outside(413, "Request Too Large", message, face)
    }

    /// What is refused before the application is reached: there the real server has another shape.
    static func outside(
        _ status: Int, _ error: String, _ message: String, _ face: Face, _ more: (inout JSONWriter) -> Void = { _ in }
    ) -> Answer {
        guard face == .quirks else { return failure(status, "\(error): \(message)") }
        var writer = JSONWriter()
        writer.add("error", error)
        writer.add("message", message)
        more(&writer)
        writer.add("timestamp", String(Timestamp.now.description.prefix(19)) + "+00:00")
        var answer = Answer(status, writer.object)
        answer.contentType = "text/html; charset=UTF-8"
        return answer
    }
}

extension Timestamp {
    /// `YYYY-MM-DD HH:MM:SS`, as rows have it.
    var row: String { String(description.prefix(19).replacing("T", with: " ")) }
}
