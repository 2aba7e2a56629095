import Testing
import WorkerHostCore

@testable import WorkerHostHTTP

/// Tasks, results and errors as they travel.
@Suite struct TextTests {
    private func claimed(_ data: String, asked: String? = "T.One") -> ClaimedTask? {
        let body = Array(#"{"success":true,"data":\#(data)}"#.utf8)
        guard case .done(let range?) = Judge.verdict(.claim, status: 200, retryAfter: nil, body: body) else {
            return nil
        }
        return ClaimedTask(body, data: range, asked: asked)
    }

    @Test(arguments: [
        (#"{"id":7,"type":"T.One","params":{"a":1}}"#, "7", #"{"a":1}"#),
        (#"{"id":"7","type":"T.One","params":{"a":1}}"#, "7", #"{"a":1}"#),
        (#"{"items":[{"id":7,"type":"T.One","params":{"a":1}}],"count":1}"#, "7", #"{"a":1}"#),
        (#"[{"id":7,"type":"T.One","params":{"a":1}}]"#, "7", #"{"a":1}"#),
        (#"{"id":7,"type":"T.One","params":null}"#, "7", "{}"), (#"{"id":7,"type":"T.One","params":[]}"#, "7", "{}"),
        (#"{"id":7,"type":"T.One","params":[ ]}"#, "7", "{}"), (#"{"id":7,"type":"T.One"}"#, "7", "{}"),
        (#"{"id":7,"type":"T.One","params":["a"]}"#, "7", #"["a"]"#),
        (
            #"{"id":7,"type":"T.One","params":{"n":12345678901234567890, "f":1.50}}"#, "7",
            #"{"n":12345678901234567890, "f":1.50}"#
        ),
    ])
    func aTaskHoweverItComes(_ data: String, _ id: String, _ params: String) throws {
        let task = try #require(claimed(data))
        #expect(task.id == id && task.params.text == params && task.type == "T.One")
    }

    @Test func theTypeHasTheSpellingThatWasAskedFor() {
        #expect(claimed(#"{"id":7,"type":"t.one"}"#)?.type == "T.One")
        #expect(claimed(#"{"id":7,"type":"T.Other"}"#)?.type == "T.Other")
        #expect(claimed(#"{"id":7}"#)?.type == "T.One")
        #expect(claimed(#"{"items":[]}"#) == nil && claimed("null") == nil && claimed(#"{"type":"T.One"}"#) == nil)
    }

    @Test func attemptsAndPriority() {
        let task = claimed(#"{"id":7,"attempts":"4","priority":-2}"#)
        #expect(task?.attempts == 4 && task?.priority == -2)
        #expect(claimed(#"{"id":7}"#)?.attempts == 1)
    }

    @Test(arguments: ["{}", "{ }", "[]", "0", "0.0", "-0", "0e3", "false", #""""#, #""0""#, "null"])
    func whatPHPTakesForFalseIsWrapped(_ result: String) {
        let body = RequestBodies.success(worker: "w", result: RawJSON(unchecked: Array(result.utf8)))
        #expect(
            String(decoding: body, as: UTF8.self)
                == #"{"worker_id":"w","success":true,"result":{"value":\#(result)}}"#)
    }

    @Test(arguments: [#""x""#, "1", "true", "[0]", #"{"a":null}"#, "0.5", #""00""#, "-1", #"{"":0}"#])
    func otherResultsGoAsTheyAre(_ result: String) {
        let body = RequestBodies.success(worker: "w", result: RawJSON(unchecked: Array(result.utf8)))
        #expect(String(decoding: body, as: UTF8.self) == #"{"worker_id":"w","success":true,"result":\#(result)}"#)
    }

    @Test func onlyWhatTheServerCannotKeepIsSurelyTooLong() {
        func text(_ inner: String) -> [UInt8] { Array(#"{"t":"\#(inner)"}"#.utf8) }
        #expect(ResultText.isSurelyTooLong(text(String(repeating: "x", count: 70_000))))
        #expect(!ResultText.isSurelyTooLong(text(String(repeating: "x", count: 60_000))))
        #expect(!ResultText.isSurelyTooLong(text(String(repeating: #"\u00e9"#, count: 20_000))))
        #expect(!ResultText.isSurelyTooLong(Array(("[" + String(repeating: "1, ", count: 25_000) + "1]").utf8)))
        #expect(ResultText.isSurelyTooLong(Array(("[" + String(repeating: "1, ", count: 40_000) + "1]").utf8)))
    }

    @Test func anErrorIsCutBetweenCharacters() {
        for limit in 40...60 {
            let failure = TaskFailure(kind: .permanent, type: "Bad", message: String(repeating: "é🙂", count: 100))
            let text = ErrorText.text(of: failure, limit: limit)
            #expect(
                text.utf8.count <= limit && text.hasPrefix("Bad: é") && text.hasSuffix("…")
                    && !text.contains("\u{FFFD}"))
        }
        let traced = TaskFailure(
            kind: .permanent, type: "Bad", message: "no",
            traceback: String(repeating: "frame\n", count: 20_000) + "last line é")
        let text = ErrorText.text(of: traced)
        #expect(text.utf8.count <= 65_535 && text.hasPrefix("Bad: no\n\n…\n") && text.hasSuffix("last line é"))
        var silent = TaskFailure(kind: .retriable, type: "Bad", message: "no")
        #expect(ErrorText.text(of: silent) == "Bad: no")
        silent.standardErrorTail = "killed"
        #expect(ErrorText.text(of: silent) == "Bad: no\n\nstandard error:\nkilled")
    }

    @Test func aFailureIsToldAsText() {
        let body = RequestBodies.failure(worker: "w", error: "a\"b\n")
        #expect(String(decoding: body, as: UTF8.self) == #"{"worker_id":"w","success":false,"error":"a\"b\n"}"#)
    }

    @Test func progressIsAWholeNumberWithinBounds() {
        func text(_ percent: Int) -> String {
            String(decoding: RequestBodies.progress(worker: "w", percent: percent, message: nil), as: UTF8.self)
        }
        #expect(text(50) == #"{"worker_id":"w","progress":50}"#)
        #expect(text(-3) == #"{"worker_id":"w","progress":0}"# && text(101) == #"{"worker_id":"w","progress":100}"#)
    }

    @Test func theTextsOfClaimsAreNeverTheSame() {
        var ids = WorkerID(host: "abc 12/3" + String(repeating: "x", count: 400))
        let some = (0..<1000).map { _ in ids.next() }
        #expect(Set(some).count == 1000)
        #expect(some.allSatisfy { $0.count <= 255 && !$0.contains(" ") && !$0.contains("~") })
        let again = WorkerID.token(again: some[0])
        #expect(WorkerID.of(token: again) == some[0] && WorkerID.token(again: again) != again)
        #expect(WorkerID.of(token: WorkerID.token(again: again)) == some[0])
    }

    @Test func pathsHoldWhatPathsMay() {
        #expect(APIPath.complete("35") == "/tasks/35/complete")
        #expect(APIPath.task("../a?b#c d") == "/tasks/..%2Fa%3Fb%23c%20d")
        #expect(APIPath.type("PrismQ.Script.Generate") == "/task-types/PrismQ.Script.Generate")
    }
}
