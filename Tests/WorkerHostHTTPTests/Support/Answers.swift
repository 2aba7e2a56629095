/// The API's answers.
enum Answers {
    static func done(_ data: String) -> ScriptedAnswer {
        .http(200, #"{"success":true,"message":"Success","data":\#(data),"timestamp":1}"#)
    }

    static func error(_ status: Int, _ text: String, headers: [String] = []) -> ScriptedAnswer {
        .http(status, #"{"success":false,"error":"\#(text)","timestamp":1}"#, headers: headers)
    }

    static let noTask = error(500, "There is no active transaction")
    static let deadlock = error(
        500, "SQLSTATE[40001]: Serialization failure: 1213 Deadlock found when trying to get lock")
    static let unauthorized = ScriptedAnswer.http(
        401,
        #"{"error":"Unauthorized","message":"Invalid or missing API key.","timestamp":"2026-11-23T15:50:31+00:00"}"#,
        type: "text/html; charset=UTF-8")
}
