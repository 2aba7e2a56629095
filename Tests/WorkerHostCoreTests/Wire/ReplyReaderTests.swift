import Testing

@testable import WorkerHostCore

@Suite struct ReplyReaderTests {
    private func read(_ text: String, id: String = "t1") -> (String, strays: [String]) {
        read(Array(text.utf8), id: id)
    }

    private func read(_ bytes: [UInt8], id: String = "t1") -> (String, strays: [String]) {
        let reader = ReplyReader.read(bytes, taskID: id)
        let strays = reader.stray.map { String(decoding: bytes[$0], as: UTF8.self) }
        switch reader.said {
        case .nothing: return ("nothing", strays)
        case .garbage(let preview): return ("garbage \(preview)", strays)
        case .half(let error): return ("half \(error.offset)", strays)
        case .tooMuch: return ("too much", strays)
        case .wrongTask(let id): return ("wrong \(id)", strays)
        case .success(let result): return ("success \(result.value) \(result.logs?.text ?? "")", strays)
        case .failure(let error):
            return (
                "failure \(error.type ?? "-") \(error.message ?? "-") \(error.retryPossible.map { "\($0)" } ?? "-")",
                strays
            )
        }
    }

    @Test(arguments: [
        ("", "nothing"),
        (" \n\t\n", "nothing"),
        (#"{"success":true,"result":{"a":1}}"#, "success {\"a\":1} "),
        (
            #"{"id":"t1","success":true,"result":[1, 2],"logs":[{"level":"INFO"}]}"# + "\n",
            "success [1, 2] [{\"level\":\"INFO\"}]"
        ),
        (#"{"success":true}"#, "success null "),
        (#"{"success":false}"#, "failure - - -"),
        (#"{"success":false,"error":"plain"}"#, "failure - plain -"),
        (
            #"{"success":false,"error":{"type":"E","message":"a\nb\u00e9\ud83d\ude00","retry_possible":false}}"#,
            "failure E a\nb\u{e9}\u{1F600} false"
        ),
        (#"{"id":"t2","success":true}"#, "wrong t2"),
        (#"{"id":7,"success":true}"#, "wrong 7"),
        (#"{"success":"yes"}"#, #"garbage {"success":"yes"}"#),
        (#"{"success":1}"#, #"garbage {"success":1}"#),
        ("[]", "garbage []"),
        ("hello", "garbage hello"),
        (#"{"success":true,"result":{"a"#, "half 28"),
        (#"{"success":true}}"#, #"garbage {"success":true}}"#),
    ])
    func singleDocuments(_ output: String, _ expected: String) {
        #expect(read(output).0 == expected)
    }

    @Test func theLastLineThatIsAReplyCounts() {
        let output = "banner\n{\"success\":true,\"result\":1}\nmore\n{\"success\":true,\"result\":2}\nbye\n"
        let (said, strays) = read(output)
        #expect(said == "success 2 ")
        #expect(strays == ["banner\n{\"success\":true,\"result\":1}\nmore\n", "\nbye"])
    }

    @Test func aReplyOverSeveralLinesIsFound() {
        let (said, strays) = read("banner\n{\n \"success\": true,\n \"result\": {\n\"a\": 1}\n}\n")
        #expect(said == "success {\n\"a\": 1} ")
        #expect(strays == ["banner\n"])
    }

    @Test func aBrokenLastLineIsHalfAReply() {
        #expect(read("banner\n{\"success\":tr").0 == "half 20")
    }

    @Test func aReplyThatIsNotUTF8IsNoReply() {
        let bytes = Array(#"{"success":true,"result":""#.utf8) + [0xFF] + Array(#""}"#.utf8)
        #expect(read(bytes).0.hasPrefix("garbage"))
    }

    @Test func anIdMayBeANumber() {
        #expect(read(#"{"id":42,"success":true}"#, id: "42").0 == "success null ")
    }

    @Test func muchGarbageIsReadInBoundedTime() {
        let line = "{\"a\":" + String(repeating: "[", count: 400) + "\n"
        #expect(read(String(repeating: line, count: 20_000)).0.hasPrefix("half"))
    }
}
