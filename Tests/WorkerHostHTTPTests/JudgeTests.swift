import Testing
import WorkerHostCore

@testable import WorkerHostHTTP

/// What each answer of the facts sheet means.
@Suite struct JudgeTests {
    /// One row: what was asked, what came, and what it means in short.
    struct Row: Sendable {
        let name: String
        let endpoint: Endpoint
        let status: Int
        let body: String
        let meaning: String
        var retryAfter: String?
    }

    static func error(_ text: String) -> String { #"{"success":false,"error":"\#(text)","timestamp":1}"# }
    private static let warning =
        "<br />\\n<b>Warning</b>:  Undefined variable $actualType in <b>V.php</b> on line <b>70</b><br />\\n"
    private static let deadlock = error(
        "SQLSTATE[40001]: Serialization failure: 1213 Deadlock found when trying to get lock")
    private static let unauthorized =
        #"{"error":"Unauthorized","message":"Invalid or missing API key. Include X-API-Key header with your request.","timestamp":"2026-11-23T15:50:31+00:00"}"#
    private static let limited =
        #"{"error":"Too Many Requests","message":"Rate limit exceeded.","retry_after":5,"limit":3,"window":5,"timestamp":"ISO"}"#

    static let rows: [Row] = [
        Row(
            name: "success", endpoint: .claim, status: 200, body: #"{"success":true,"data":{"id":1}}"#, meaning: "done"),
        Row(
            name: "success without data", endpoint: .complete, status: 200, body: #"{"success":true}"#, meaning: "done"),
        Row(
            name: "a warning before the answer", endpoint: .createTask, status: 200,
            body: warning + #"{"success":true,"data":{"id":"1"}}"#, meaning: "done"),
        Row(
            name: "an error with status 200 behind a warning", endpoint: .createTask, status: 200,
            body: warning + error("Parameter validation failed: Missing required property: .topic"), meaning: "refused"),
        Row(
            name: "a fatal error with status 200", endpoint: .complete, status: 200,
            body: "<b>Fatal error</b>: Uncaught TypeError in V.php:70 Stack trace: #0 {main}", meaning: "unavailable"),
        Row(
            name: "a deadlock with status 200", endpoint: .complete, status: 200, body: deadlock, meaning: "contention"),
        Row(name: "no success in it", endpoint: .complete, status: 200, body: "{}", meaning: "unavailable"),
        Row(name: "an empty success", endpoint: .complete, status: 200, body: "", meaning: "unavailable"),
        Row(name: "no task", endpoint: .claim, status: 404, body: error("No available tasks"), meaning: "noTask"),
        Row(
            name: "no task as it is", endpoint: .claim, status: 500, body: error("There is no active transaction"),
            meaning: "noTask"),
        Row(
            name: "no task with status 200", endpoint: .claim, status: 200,
            body: error("There is no active transaction"), meaning: "noTask"),
        Row(
            name: "the same words elsewhere", endpoint: .complete, status: 500,
            body: error("There is no active transaction"), meaning: "unavailable"),
        Row(
            name: "a wrong base", endpoint: .claim, status: 404, body: error("Endpoint not found"),
            meaning: "wrongAddress"),
        Row(
            name: "a page of another server", endpoint: .claim, status: 404, body: "<html>nginx</html>",
            meaning: "wrongAddress"),
        Row(name: "no key", endpoint: .claim, status: 401, body: unauthorized, meaning: "unauthorized"),
        Row(name: "no key, no body", endpoint: .claim, status: 401, body: "", meaning: "unauthorized"),
        Row(name: "a proxy's 403", endpoint: .claim, status: 403, body: "Forbidden", meaning: "unauthorized"),
        Row(
            name: "a 403 in JSON", endpoint: .complete, status: 403, body: #"{"error":"Forbidden"}"#,
            meaning: "unauthorized"),
        Row(
            name: "another worker", endpoint: .complete, status: 403, body: error("Task is claimed by another worker"),
            meaning: "claimedByAnother"),
        Row(
            name: "another worker, with status 200", endpoint: .progress, status: 200,
            body: error("Task is claimed by another worker"), meaning: "claimedByAnother"),
        Row(
            name: "not claimed", endpoint: .complete, status: 400, body: error("Task is not in claimed state"),
            meaning: "notClaimed"),
        Row(
            name: "no such task", endpoint: .complete, status: 404, body: error("Task not found"),
            meaning: "unknownTask"),
        Row(name: "a deadlock", endpoint: .complete, status: 500, body: deadlock, meaning: "contention"),
        Row(name: "a deadlock of a claim", endpoint: .claim, status: 500, body: deadlock, meaning: "contention"),
        Row(
            name: "a lock wait", endpoint: .claim, status: 500,
            body: error("SQLSTATE[HY000]: General error: 1205 Lock wait timeout exceeded"), meaning: "contention"),
        Row(
            name: "registered at once by two", endpoint: .registerType, status: 500,
            body: error("SQLSTATE[23000]: Integrity constraint violation: 1062 Duplicate entry 'R1' for key 'name'"),
            meaning: "contention"),
        Row(
            name: "made at once by two", endpoint: .createTask, status: 500,
            body: error("SQLSTATE[23000]: Integrity constraint violation: 1062 Duplicate entry"), meaning: "contention"),
        Row(
            name: "too long a result", endpoint: .complete, status: 500,
            body: error(
                "SQLSTATE[22001]: String data, right truncated: 1406 Data too long for column 'result_json' at row 1"),
            meaning: "tooLong"),
        Row(
            name: "too large a body", endpoint: .complete, status: 413,
            body:
                #"{"error":"Request Too Large","message":"Request body exceeds maximum allowed size of 2 KB","timestamp":"ISO"}"#,
            meaning: "tooLong"),
        Row(
            name: "too large for a proxy", endpoint: .complete, status: 413, body: "<html>413</html>",
            meaning: "tooLong"),
        Row(name: "an empty 500", endpoint: .complete, status: 500, body: "", meaning: "unavailable"),
        Row(
            name: "no database", endpoint: .claim, status: 500, body: error("Internal server error"),
            meaning: "unavailable"),
        Row(
            name: "another error of the database", endpoint: .claim, status: 500,
            body: error("SQLSTATE[HY000] [2002] Connection refused"), meaning: "unavailable"),
        Row(name: "a gateway", endpoint: .claim, status: 502, body: "<html>Bad Gateway</html>", meaning: "unavailable"),
        Row(
            name: "maintenance", endpoint: .complete, status: 503, body: "", meaning: "unavailable after 30",
            retryAfter: "30"),
        Row(
            name: "too many calls", endpoint: .claim, status: 429, body: limited, meaning: "tooManyCalls after 7",
            retryAfter: "7"),
        Row(
            name: "too many, told by the body", endpoint: .claim, status: 429, body: limited,
            meaning: "tooManyCalls after 5"),
        Row(name: "too many, not told how long", endpoint: .claim, status: 429, body: "", meaning: "tooManyCalls"),
        Row(
            name: "a field that is missing", endpoint: .complete, status: 400,
            body: #"{"success":false,"error":"Validation failed","details":["Worker ID is required"],"timestamp":1}"#,
            meaning: "refused"),
        Row(
            name: "a field that is missing, in words", endpoint: .claim, status: 400,
            body: error("Missing required field: task_type_id"), meaning: "refused"),
        Row(
            name: "no JSON", endpoint: .complete, status: 400, body: error("Invalid JSON in request body"),
            meaning: "refused"),
        Row(
            name: "an unknown type", endpoint: .createTask, status: 404, body: error("Task type not found"),
            meaning: "refused"),
        Row(
            name: "the list of types", endpoint: .readType, status: 500,
            body: error("Invalid select field: COALESCE(t.usage_count, 0) as usage_count"), meaning: "refused"),
        Row(name: "a time-out of a proxy", endpoint: .complete, status: 408, body: "", meaning: "unavailable"),
    ]

    @Test(arguments: rows) func whatItMeans(_ row: Row) {
        let verdict = Judge.verdict(
            row.endpoint, status: row.status, retryAfter: row.retryAfter, body: Array(row.body.utf8))
        #expect(Self.short(verdict) == row.meaning, "\(row.name): \(verdict)")
    }

    private static func short(_ verdict: Verdict) -> String {
        func after(_ wait: Double?) -> String { wait.map { " after \(Int($0))" } ?? "" }
        return switch verdict {
        case .done: "done"
        case .noTask: "noTask"
        case .contention: "contention"
        case .notClaimed: "notClaimed"
        case .claimedByAnother: "claimedByAnother"
        case .unknownTask: "unknownTask"
        case .tooLong: "tooLong"
        case .unauthorized: "unauthorized"
        case .tooManyCalls(_, let wait): "tooManyCalls" + after(wait)
        case .refused: "refused"
        case .wrongAddress: "wrongAddress"
        case .unavailable(_, let wait): "unavailable" + after(wait)
        }
    }

    @Test func theWordsOfTheServerAreKept() {
        let body = #"{"success":false,"error":"Validation failed","details":["Field 'params' must be of type object"]}"#
        let verdict = Judge.verdict(.createTask, status: 400, retryAfter: nil, body: Array(body.utf8))
        #expect(verdict == .refused("Validation failed: Field 'params' must be of type object"))
    }

    @Test func aPageFullOfBeginningsCostsLittle() {
        let page = String(repeating: #"{"success""#, count: 20_000) + "}"
        #expect(Envelope.find(in: Array(page.utf8)) == nil)
    }
}
