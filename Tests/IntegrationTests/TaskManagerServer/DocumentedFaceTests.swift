import Foundation
import Testing

/// The server's documented face, against what the API's documentation promises.
@Suite struct DocumentedFaceTests {
    private static let any = #"{"type":"object"}"#

    @Test func typesAreRegisteredAndFound() async throws {
        let server = try await ExampleServer()
        try await Exchange.check(
            [
                .get("/health", 200, success(#"{"status":"healthy","database":"connected"}"#)),
                .post(
                    "/task-types/register", #"{"name":"A.b","version":"1","param_schema":\#(Self.any)}"#, 201,
                    success(#"{"id":1,"name":"A.b","version":"1","created":true}"#)),
                .post(
                    "/task-types/register", #"{"name":"A.b","version":"2","param_schema":\#(Self.any)}"#, 200,
                    success(#"{"id":1,"name":"A.b","version":"2","updated":true}"#)),
                .post(
                    "/task-types/register", #"{"name":"with space","version":"1","param_schema":\#(Self.any)}"#, 201,
                    success(#"{"id":2}"#)),
                .get("/task-types/A.b", 200, success(#"{"id":1,"name":"A.b","version":"2","is_active":1}"#)),
                .get("/task-types/with%20space", 200, success(#"{"id":2,"name":"with space"}"#)),
                .get("/task-types/None", 404, refusal("Task type not found")),
                .get("/task-types", 200, success(#"{"count":2}"#)),
                .post(
                    "/task-types/register", #"{"name":"C","param_schema":\#(Self.any)}"#, 400,
                    refusal("Missing required field: version")),
                .post(
                    "/task-types/register", #"{"name":"C","version":"1","param_schema":"no"}"#, 400,
                    refusal("Invalid JSON schema format")),
                .post("/tasks", #"{"type":"with space","params":{"a":1}}"#, 201, success(#"{"id":1}"#)),
                .post(
                    "/tasks/claim", #"{"worker_id":"w","task_type_id":2}"#, 200,
                    success(#"{"id":1,"type":"with space","params":{"a":1}}"#)),
            ], on: server)
    }

    @Test func aTaskIsCreatedClaimedAndCompletedOnce() async throws {
        let server = try await ExampleServer()
        try await server.register("T")
        try await Exchange.check(
            [
                .post("/tasks/claim", #"{"worker_id":"w","task_type_id":1}"#, 404, refusal("No available tasks")),
                .post("/tasks", #"{"type":"T","params":{}}"#, 201, success(#"{"id":1,"type":"T","status":"pending"}"#)),
                // SHA-256 of the type, a NUL and the parameters as they were sent; this one is of two blocks.
                .post(
                    "/tasks",
                    #"{"type":" T","params":{"text":"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"}}"#,
                    201,
                    success(
                        #"{"id":2,"dedupe_key":"d56767250adda5f43ad252190356c13c90d955ce21387b44b662ce7945da2fb2"}"#)),
                .post("/tasks", #"{"type":"T","params":{}}"#, 200, success(#"{"id":1,"deduplicated":true}"#)),
                .post("/tasks", #"{"type":"None","params":{}}"#, 404, refusal("Task type not found")),
                .post("/tasks", #"{"type":"T","params":[]}"#, 400, invalid("Field 'params' must be of type object")),
                .post(
                    "/tasks/claim", #"{"worker_id":"w","task_type_id":1}"#, 200,
                    success(#"{"id":1,"type":"T","params":{},"attempts":1,"priority":0}"#)),
                .post(
                    "/tasks/1/progress", #"{"worker_id":"w","progress":40}"#, 200, success(#"{"id":1,"progress":40}"#)),
                .get("/tasks/1", 200, success(#"{"status":"claimed","claimed_by":"w","progress":40,"result":null}"#)),
                .post(
                    "/tasks/1/complete", #"{"worker_id":"x","success":true}"#, 403,
                    refusal("Task is claimed by another worker")),
                .post(
                    "/tasks/1/complete", #"{"worker_id":"w","success":true,"result":{"list":[],"one":1.0}}"#, 200,
                    success(#"{"id":1,"status":"completed"}"#)),
                .post(
                    "/tasks/1/complete", #"{"worker_id":"w","success":true}"#, 400,
                    refusal("Task is not in claimed state")),
                .post("/tasks/9/complete", #"{"worker_id":"w","success":true}"#, 404, refusal("Task not found")),
                .get(
                    "/tasks/1", 200,
                    success(#"{"status":"completed","claimed_by":"w","result":{"list":[],"one":1.0},"attempts":1}"#)),
                .get("/tasks/9", 404, refusal("Task not found")),
                .get("/tasks?status=completed&type=T", 200, success(#"{"count":1,"items":[{"id":1}]}"#)),
                .get("/tasks?status=pending", 200, success(#"{"count":1,"items":[{"id":2}]}"#)),
            ], on: server)
    }

    @Test func failuresAreTriedAgainUntilTheLastAttempt() async throws {
        let server = try await ExampleServer(["--max-attempts", "2"])
        try await server.register("T")
        let claim = #"{"worker_id":"w","task_type_id":1}"#
        try await Exchange.check(
            [
                .post("/tasks", #"{"type":"T","params":{"n":1}}"#, 201, success(#"{"id":1}"#)),
                .post("/tasks/claim", claim, 200, success(#"{"id":1,"attempts":1}"#)),
                .post(
                    "/tasks/1/complete", #"{"worker_id":"w","success":false,"error":"boom","result":{"part":1}}"#, 200,
                    success(#"{"id":1,"status":"pending"}"#)),
                .get(
                    "/tasks/1", 200,
                    success(#"{"status":"pending","error_message":"boom","result":{"part":1},"claimed_by":null}"#)),
                .post("/tasks/claim", claim, 200, success(#"{"id":1,"attempts":2}"#)),
                .post(
                    "/tasks/1/complete", #"{"worker_id":"w","success":false,"error":"again"}"#, 200,
                    success(#"{"id":1,"status":"failed"}"#)),
                .get("/tasks/1", 200, success(#"{"status":"failed","error_message":"again","attempts":2}"#)),
                .post("/tasks/claim", claim, 404, refusal("No available tasks")),
            ], on: server)
    }

    @Test func connectionsAreKeptAndRequestsChecked() async throws {
        let server = try await ExampleServer(["--max-request-kb", "2"])
        let connection = try PlainHTTP(port: server.port)
        for _ in 0..<3 {
            let response = try await connection.send("GET", "/api/health")
            #expect(response.status == 200 && !response.closes, "\(response)")
        }
        let missing = try await connection.send("GET", "/api/tasks")
        #expect(missing.status == 401 && missing.headers["content-type"] == "application/json", "\(missing)")
        let wrong = try await connection.send("GET", "/api/tasks", headers: ["x-api-key": "example-key-5f3a9d"])
        #expect(wrong.status == 401)
        #expect(!wrong.text.contains(ExampleServer.key))
        let large = String(repeating: " ", count: 5000) + "{}"
        let refused = try await connection.send("POST", "/api/tasks", large, headers: ["X-API-Key": ExampleServer.key])
        #expect(refused.status == 413, "\(refused)")
        let chunked = """
            POST /api/tasks/claim HTTP/1.1\r
            X-API-Key: \(ExampleServer.key)\r
            Transfer-Encoding: chunked\r
            \r
            11\r
            {"worker_id":"w",\r
            12\r
            "task_type_id":99}\r
            0\r
            \r

            """
        let answer = try await connection.send(raw: Array(chunked.utf8))
        #expect(answer.status == 404 && answer.text.contains("No available tasks"), "\(answer)")
        let last = try await connection.send("GET", "/api/health", headers: ["Connection": "close"])
        #expect(last.closes)
        #expect(await connection.isEnded())
        try await Exchange.check(
            [
                .post("/tasks", "{", 400, refusal("Invalid JSON in request body")),
                .post("/nothing", "{}", 404, refusal("Endpoint not found")),
                Exchange("DELETE", "/tasks", nil, 404, refusal("Endpoint not found")),
                Exchange("OPTIONS", "/tasks", nil, 200, nil),
            ], on: server)
    }
}
