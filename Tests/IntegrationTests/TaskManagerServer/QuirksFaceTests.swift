import Foundation
import Testing

/// The server's other face, row by row against how the real server behaved when it was probed.
@Suite struct QuirksFaceTests {
    private static let none = refusal("There is no active transaction")

    private func server(_ arguments: String...) async throws -> ExampleServer {
        try await ExampleServer(["--quirks"] + arguments)
    }

    @Test func idsAreTextWhereTheRealServersAre() async throws {
        let server = try await server()
        let type = #"{"name":"T.two","version":"1","param_schema":{"type":"object","properties":{}}}"#
        try await Exchange.check(
            [
                .post("/task-types/register", type, 200, success(#"{"id":"1","created":true}"#)),
                .post("/task-types/register", type, 200, success(#"{"id":1,"updated":true}"#)),
                .post(
                    "/task-types/register", type.replacingOccurrences(of: "T.two", with: "t.TWO"), 200,
                    success(#"{"id":1,"name":"t.TWO","updated":true}"#)),
                .post("/tasks", #"{"type":"T.two","params":{"a":1}}"#, 200, success(#"{"id":"1","status":"pending"}"#)),
                .post("/tasks", #"{"type":"T.two","params":{"a":1}}"#, 200, success(#"{"id":1,"deduplicated":true}"#)),
                .post(
                    "/tasks/claim", #"{"worker_id":" w ","task_type_id":"1"}"#, 200,
                    success(#"{"id":1,"attempts":1,"priority":0}"#)),
                .post(
                    "/tasks/1abc/progress", #"{"worker_id":"w","progress":5}"#, 200,
                    success(#"{"id":"1abc","progress":5}"#)),
                .post(
                    "/tasks/1/complete", #"{"worker_id":"w","success":true,"result":{"x":1}}"#, 200,
                    success(#"{"id":"1","status":"completed","message":"Task completed"}"#)),
                // The same parameters are the same task for ever.
                .post("/tasks", #"{"type":"T.two","params":{"a":1}}"#, 200, success(#"{"id":1,"status":"completed"}"#)),
            ], on: server)
    }

    @Test func singleThingsAreListsAndMissingOnesEmpty() async throws {
        let server = try await server()
        let empty = success(#"{"items":[],"count":0}"#)
        try await Exchange.check(
            [
                .post(
                    "/task-types/register",
                    #"{"name":"x.v2","version":"1","param_schema":{"type":"object","properties":{}}}"#, 200,
                    success(#"{"id":"1"}"#)),
                .get(
                    "/task-types/x.v2", 200,
                    success(#"{"items":[{"id":1,"param_schema":{"type":"object","properties":[]}}],"count":1}"#)),
                .get("/task-types/x/api.v2", 200, success(#"{"count":1}"#)),
                .get("/task-types/None", 200, empty),
                .get("/task-types/x%2Ev2", 200, empty),
                .get("/task-types", 500, refusal("Invalid select field: COALESCE(t.usage_count, 0) as usage_count")),
                .get("/tasks/7", 200, empty),
                .get("/tasks/claim", 200, empty),
                .post("/tasks", #"{"type":"x.v2","params":{"a":{},"b":1.0}}"#, 200, success(#"{"id":"1"}"#)),
                .get("/tasks/1", 200, success(#"{"items":[{"id":1,"params":{"a":[],"b":1}}],"count":1}"#)),
                .get("/tasks/1zzz/", 200, success(#"{"count":1}"#)),
                .get("/tasks?status=none", 200, empty),
                .get("/tasks?status=&type=x%25", 200, success(#"{"count":1}"#)),
                .get("/tasks?limit=abc", 200, empty),
                .get("/tasks?status[]=x", 500, nil),
                .get("//tasks", 404, refusal("Endpoint not found")),
                Exchange("HEAD", "/health", nil, 404, nil),
            ], on: server)
    }

    @Test func claimsAnswerAsTheRealServerDoes() async throws {
        let server = try await server()
        try await server.register("T")
        func claim(_ fields: String) -> String { "{" + fields + "}" }
        try await Exchange.check(
            [
                .post("/tasks/claim", claim(#""worker_id":"w","task_type_id":1"#), 500, Self.none),
                .post("/tasks/claim", claim(#""worker_id":"w","task_type_id":99"#), 500, Self.none),
                .post("/tasks/claim", claim(#""worker_id":"w""#), 400, refusal("Missing required field: task_type_id")),
                .post(
                    "/tasks/claim", claim(#""worker_id":"w","task_type_id":-1"#), 400,
                    refusal("task_type_id must be a positive integer")),
                .post("/tasks/claim", claim(#""task_type_id":1"#), 400, invalid("Worker ID is required")),
                .post(
                    "/tasks/claim", claim(#""worker_id":5,"task_type_id":1"#), 400,
                    invalid("Field 'worker_id' must be of type string")),
                .post("/tasks/claim", claim(#""worker_id":"w","task_type_id":1,"sort_by":["id"]"#), 500, nil),
                .post(
                    "/tasks/claim", claim(#""worker_id":"w","task_type_id":1,"sort_order":"UP""#), 400,
                    refusal("Invalid sort_order. Allowed values: ASC, DESC")),
                .post("/tasks/claim", "[]", 400, invalid("Worker ID is required")),
                .post("/tasks/claim", "", 400, refusal("Invalid JSON in request body")),
                .post(
                    "/tasks/claim",
                    claim(#""worker_id":"\#(String(repeating: "w", count: 256))","task_type_id":1"#), 500,
                    refusal(
                        "SQLSTATE[22001]: String data, right truncated: 1406 Data too long for column 'claimed_by' at row 1"
                    )),
                .post("/tasks", #"{"type":"T","params":{"n":1e400}}"#, 200, success(#"{"id":"1"}"#)),
                .post(
                    "/tasks/claim", claim(#""worker_id":"w","task_type_id":1,"type_pattern":"X%""#), 500, Self.none),
                .post(
                    "/tasks/claim", claim(#""worker_id":"w","task_type_id":[1],"type_pattern":"t%""#), 200,
                    success(#"{"id":1,"params":null}"#)),
            ], on: server)
    }

    @Test func parametersAreCheckedWithTheRealServersMistakes() async throws {
        let server = try await server()
        let schema =
            #"{"type":"object","required":["topic"],"properties":{"n":{"type":"number"},"i":{"type":"integer"}}}"#
        let problem = "Parameter validation failed: "
        try await Exchange.check(
            [
                .post(
                    "/task-types/register", #"{"name":"T","version":"1","param_schema":\#(schema)}"#, 200,
                    success(#"{"id":"1"}"#)),
                .post("/tasks", #"{"type":"T","params":{}}"#, 400, invalid("Field 'params' must be of type object")),
                .post(
                    "/tasks", #"{"type":"T","params":{"0":1}}"#, 400, invalid("Field 'params' must be of type object")),
                .post("/tasks", #"{"params":{"a":1}}"#, 400, invalid("Task type is required")),
                .post(
                    "/tasks", #"{"type":"T","params":{"n":1}}"#, 400,
                    refusal(
                        problem
                            + "Missing required property: .topic, Type mismatch at n: expected number, got integer")),
                .post(
                    "/tasks", #"{"type":"T","params":{"topic":"t","i":1.0}}"#, 400,
                    refusal(problem + "Type mismatch at i: expected integer, got number")),
                .post("/tasks", #"{"type":"T","params":{"topic":"t","n":1.5}}"#, 200, success(#"{"id":"1"}"#)),
            ], on: server)
    }

    @Test(arguments: ["{}", "[]", "0", "0.0", "false", #""""#, #""0""#, "null"])
    func falsyResultsAreLost(_ result: String) async throws {
        let server = try await server()
        try await server.register("T")
        try await Exchange.check(
            [
                .post("/tasks", #"{"type":"T","params":{"n":1}}"#, 200, success("{}")),
                .post("/tasks/claim", #"{"worker_id":"w","task_type_id":1}"#, 200, success("{}")),
                .post(
                    "/tasks/1/complete", #"{"worker_id":"w","success":true,"result":\#(result)}"#, 200, success("{}")),
                .get("/tasks/1", 200, success(#"{"items":[{"status":"completed","result":null}]}"#)),
            ], on: server)
    }

    @Test func completesAnswerAsTheRealServerDoes() async throws {
        let server = try await server("--max-attempts", "2")
        try await server.register("T")
        let claim = Exchange.post("/tasks/claim", #"{"worker_id":"w","task_type_id":1}"#, 200, success(#"{"id":1}"#))
        let long = String(repeating: "x", count: 65_536)
        func tooLong(_ column: String) -> String {
            refusal(
                "SQLSTATE[22001]: String data, right truncated: 1406 Data too long for column '\(column)' at row 1")
        }
        try await Exchange.check(
            [
                .post("/tasks", #"{"type":"T","params":{"n":1}}"#, 200, success(#"{"id":"1"}"#)), claim,
                .post(
                    "/tasks/1/complete", #"{"worker_id":"x","success":true}"#, 403,
                    refusal("Task is claimed by another worker")),
                .post("/tasks/1/complete", #"{"worker_id":"w"}"#, 400, refusal("Missing required field: success")),
                .post("/tasks/1/complete", #"{"worker_id":["w"],"success":true}"#, 500, nil),
                .post("/tasks/abc/complete", #"{"worker_id":"w","success":true}"#, 404, refusal("Task not found")),
                .post(
                    "/tasks/1/complete", #"{"worker_id":"w","success":true,"result":"\#(long)"}"#, 500,
                    tooLong("result_json")),
                .post(
                    "/tasks/1/complete", #"{"worker_id":"w","success":false,"error":"\#(long)"}"#, 500,
                    tooLong("error_message")),
                // The claim has outlived all of these.
                .post(
                    "/tasks/1/complete", #"{"worker_id":"w","success":0,"error":["x"],"result":{"part":1}}"#, 200,
                    success(#"{"id":"1","status":"pending (retry)"}"#)),
                .get(
                    "/tasks/1", 200,
                    success(
                        #"{"items":[{"status":"pending","error_message":"Array","result":{"part":1},"claimed_by":null,"attempts":1}]}"#
                    )),
                .post(
                    "/tasks/1/complete", #"{"worker_id":"w","success":true}"#, 400,
                    refusal("Task is not in claimed state")),
                claim,
                .post(
                    "/tasks/1/complete", #"{"worker_id":"w","success":false,"error":"end"}"#, 200,
                    success(#"{"id":"1","status":"failed"}"#)),
                .get("/tasks/1", 200, success(#"{"items":[{"status":"failed","claimed_by":"w","attempts":2}]}"#)),
                .post("/tasks/claim", #"{"worker_id":"w","task_type_id":1}"#, 500, Self.none),
            ], on: server)
    }

    @Test func claimsEndLazilyAndLateReportsCount() async throws {
        let server = try await server("--claim-timeout", "0.2", "--max-attempts", "1")
        try await server.register("T")
        let claim = #"{"worker_id":"old","task_type_id":1}"#
        _ = try await server.call("POST", "/tasks", #"{"type":"T","params":{"n":1}}"#)
        _ = try await server.data("POST", "/tasks/claim", claim)
        // Twice the time-out, so both claims are over. Nobody has claimed again: the late report counts.
        try await Task.sleep(for: .milliseconds(400))
        try await Exchange.check(
            [
                .post(
                    "/tasks/1/complete", #"{"worker_id":"old","success":true,"result":1}"#, 200,
                    success(#"{"status":"completed"}"#)),
                .post("/tasks", #"{"type":"T","params":{"n":2}}"#, 200, success(#"{"id":"2"}"#)),
                .post("/tasks/claim", claim, 200, success(#"{"id":2,"attempts":1}"#)),
            ], on: server)
        try await Task.sleep(for: .milliseconds(400))
        try await Exchange.check(
            [
                // The other one goes to the next worker, whatever its attempts.
                .post(
                    "/tasks/claim", #"{"worker_id":"new","task_type_id":1}"#, 200, success(#"{"id":2,"attempts":2}"#)),
                .post(
                    "/tasks/2/complete", #"{"worker_id":"old","success":true}"#, 403,
                    refusal("Task is claimed by another worker")),
                .post(
                    "/tasks/2/complete", #"{"worker_id":"new","success":true,"result":2}"#, 200,
                    success(#"{"status":"completed"}"#)),
            ], on: server)
    }

    @Test func whatIsRefusedOutsideHasAnotherShape() async throws {
        let server = try await server("--max-request-kb", "2", "--rate-limit", "3/600")
        let connection = try PlainHTTP(port: server.port)
        let refused = try await connection.send("GET", "/api/nothing", headers: ["Authorization": "Bearer x"])
        #expect(refused.status == 401 && refused.headers["content-type"]?.hasPrefix("text/html") == true, "\(refused)")
        #expect(refused.text.contains(#""error":"Unauthorized","message":"Invalid or missing"#) && refused.closes)
        #expect(!refused.text.contains("success"))
        #expect(await connection.isEnded())
        let large = String(repeating: " ", count: 5000) + "{}"
        let tooLarge = try await server.call("POST", "/tasks/1/complete", large)
        #expect(tooLarge.status == 413 && tooLarge.text.contains("maximum allowed size of 2 KB"), "\(tooLarge)")
        for number in 1...3 {
            let answer = try await server.call("GET", "/health")
            #expect(answer.status == 200 && answer.headers["x-ratelimit-remaining"] == String(3 - number), "\(answer)")
        }
        let limited = try await server.call("GET", "/health")
        #expect(limited.status == 429 && limited.headers["content-type"]?.hasPrefix("text/html") == true, "\(limited)")
        #expect(Int(limited.headers["retry-after"] ?? "").map { $0 > 0 && $0 <= 600 } == true, "\(limited)")
        #expect(
            limited.text.contains(#""error":"Too Many Requests""#) && limited.text.contains(#""limit":3,"window":600"#))
    }
}
