import Testing

@testable import WorkerHostCore

/// What is found in the members of replies.
@Suite struct ReplyShapesTests {
    private func verdicts(_ json: String) throws -> [ConformanceVerdict] {
        let worker = WorkerConfiguration(
            name: "w", projectPath: "/", command: ["w"], taskTypes: ["A"], limits: .init(maxReplyBytes: 1000))
        let subject = ConformanceSubject(worker, task: ConformanceTask(for: worker))
        guard case .object(let members) = try JSONValue(RawJSON(validating: json)) else { return [] }
        let reply = try #require(ConformanceReply(members, size: json.utf8.count, at: .zero))
        var shapes = ReplyShapes()
        shapes.look(at: reply, subject)
        shapes.look(at: reply, subject)
        return shapes.verdicts
    }

    @Test(arguments: [
        #"{"success":true}"#, #"{"id":"a","success":true,"result":{"x":1},"logs":[{"level":"INFO","message":"m"}]}"#,
        #"{"success":true,"logs":null,"error":null,"id":null}"#, #"{"success":false,"error":"a plain text"}"#,
        #"{"success":false,"error":{"type":"T","message":"m","traceback":"t","retry_possible":false,"retry_after":30}}"#,
    ])
    func whatTheProtocolHasIsWell(_ reply: String) throws {
        #expect(try verdicts(reply).isEmpty)
    }

    @Test(arguments: [
        (
            #"{"success":true,"x":1}"#, ConformanceFinding.Status.warning,
            "which the protocol does not know, and no 'result'"
        ),
        (#"{"success":true,"result":1,"x":1}"#, .warning, "a reply has 'x', which the protocol does not know"),
        (#"{"id":7,"success":true}"#, .warning, "a reply's 'id' is a number"),
        (#"{"id":["a"],"success":true}"#, .failed, "a reply's 'id' is a list"),
        (#"{"success":true,"error":{"message":"m"}}"#, .warning, "says success and has an 'error' too"),
        (#"{"success":true,"logs":{"a":1}}"#, .failed, "'logs' is an object, and is dropped"),
        (#"{"success":true,"logs":["a"]}"#, .warning, "'logs' has entries without a text 'message'"),
        (#"{"success":false}"#, .warning, "failure without an 'error'"),
        (#"{"success":false,"error":[1]}"#, .failed, "'error' is a list, and is dropped"),
        (#"{"success":false,"error":{"type":1,"message":"m"}}"#, .failed, "'error.type' is a number, and is dropped"),
        (#"{"success":false,"error":{"type":"T"}}"#, .warning, "'error' has no 'message'"),
        (
            #"{"success":false,"error":{"message":"m","retry_possible":"no"}}"#, .failed,
            "'error.retry_possible' is a text"
        ),
        (#"{"success":false,"error":{"message":"m","retry_after":"30s"}}"#, .failed, "no number of seconds"),
        (#"{"success":false,"error":{"message":"m","retry_after":-1}}"#, .failed, "no number of seconds"),
        (#"{"success":false,"error":{"message":"m","code":1}}"#, .warning, "'error' has 'code'"),
    ])
    func whatItHasNotIsNamedOnce(_ reply: String, _ status: ConformanceFinding.Status, _ message: String) throws {
        let found = try verdicts(reply)
        #expect(found.count == 1 && found.first?.status == status, "\(found)")
        #expect(found.first?.message.contains(message) == true, "\(found)")
        #expect(found.first?.advice != nil)
    }

    @Test func aReplyNearTheLimitIsWarnedOf() throws {
        let found = try verdicts(#"{"success":true,"result":"\#(String(repeating: "a", count: 600))"}"#)
        #expect(found.first?.message.contains("more than half of limits.max_reply_bytes") == true)
    }

    @Test(arguments: [
        (#"{"success":true}"#, Int32(0), ConformanceFinding.Status?.none), (#"{"success":true}"#, 1, .failed),
        (#"{"success":false}"#, 0, nil), (#"{"success":false}"#, 2, nil), (#"{"success":false}"#, 5, .warning),
        (#"{"success":false}"#, 143, .warning), (#"{"success":false,"error":{"retry_possible":true}}"#, 2, .warning),
        (#"{"success":false,"error":{"retry_possible":false}}"#, 1, nil),
    ])
    func exitCodesAreComparedWithReplies(_ json: String, _ code: Int32, _ status: ConformanceFinding.Status?) throws {
        guard case .object(let members) = try JSONValue(RawJSON(validating: json)) else { return }
        var exits = ExitCodes()
        exits.look(at: try #require(ConformanceReply(members, size: 1, at: .zero)), code: code)
        #expect(exits.verdicts.first?.status == status)
    }
}
