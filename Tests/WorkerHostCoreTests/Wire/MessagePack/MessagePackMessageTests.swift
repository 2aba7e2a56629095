import Testing

@testable import WorkerHostCore

@Suite struct MessagePackMessageTests {
    private func read(_ bytes: [UInt8]) -> String {
        switch bytes.withUnsafeBufferPointer({ MessagePackMessageReader.read($0) }) {
        case .reply(let id, .success(let result)):
            return "\(id ?? "-") success \(result.value) \(result.logs?.text ?? "-")"
        case .reply(let id, .failure(let error)):
            let texts = [error.type, error.message, error.traceback, error.retryPossible.map { "\($0)" }]
            return "\(id ?? "-") failure \(texts.map { $0 ?? "-" }.joined(separator: " "))"
        case .reply(let id, let said): return "\(id ?? "-") \(said)"
        case .ready: return "ready"
        case .progress(let id, let percent, let message):
            return "\(id ?? "-") progress \(percent.map { "\($0)" } ?? "-") \(message ?? "-")"
        case .log(let id, let level, let message): return "\(id ?? "-") log \(level ?? "-") \(message ?? "-")"
        case .unknown(let kind): return "unknown \(kind ?? "-")"
        case .unreadable(let id, let error): return "\(id ?? "-") unreadable: \(error)"
        }
    }

    @Test func theWaitThatAWorkerAsksForIsRead() throws {
        let bytes = try JSONToMessagePackTests.pack(Array(#"{"success":false,"error":{"retry_after":1.5}}"#.utf8))
        guard case .reply(_, .failure(let error)) = bytes.withUnsafeBufferPointer({ MessagePackMessageReader.read($0) })
        else {
            Issue.record("a reply")
            return
        }
        #expect(error.retryAfter == .milliseconds(1500))
    }

    @Test func resultAndLogsTogetherStayWithinTheLimit() throws {
        let bytes = try JSONToMessagePackTests.pack(
            Array(#"{"id":"t1","success":true,"result":"\u0001\u0001","logs":["abc"]}"#.utf8))
        func read(_ most: Int) -> PoolMessage {
            bytes.withUnsafeBufferPointer { PoolMessage.read($0, .msgpack, most: most) }
        }
        if case .reply("t1", .success) = read(21) {} else { Issue.record("it fits") }
        guard case .tooLong("t1", let place) = read(20) else {
            Issue.record("it does not fit")
            return
        }
        #expect(place.hasPrefix("/logs"), "\(place)")
    }

    /// The cases of the JSON reply reader, and the messages beside replies.
    @Test(arguments: [
        (#"{"id":"t1","success":true,"result":{"a":[1,2]}}"#, #"t1 success {"a":[1,2]} -"#),
        (#"{"result":"x","logs":[{"level":"INFO"}],"success":true}"#, #"- success "x" [{"level":"INFO"}]"#),
        (#"{"success":true,"logs":"none"}"#, "- success null -"),
        (#"{"id":42,"success":true,"unknown":[{}]}"#, "42 success null -"),
        (#"{"id":null,"success":false}"#, "- failure - - - -"),
        (#"{"success":false,"error":"plain"}"#, "- failure - plain - -"),
        (
            #"{"id":"t1","success":false,"error":{"type":"E","message":"m\n","traceback":"tb","retry_possible":false,"more":1}}"#,
            "t1 failure E m\n tb false"
        ),
        (#"{"success":false,"error":{"retry_possible":"no","message":7}}"#, "- failure - 7 - -"),
        (#"{"kind":"ready"}"#, "ready"),
        (#"{"kind":"progress","id":"t1","percent":12.5,"message":"half"}"#, "t1 progress 12.5 half"),
        (#"{"kind":"progress","id":"t1","percent":7}"#, "t1 progress 7.0 -"),
        (#"{"kind":"progress","percent":"7"}"#, "- progress - -"),
        (#"{"kind":"log","id":"t1","level":"INFO","message":"hello"}"#, "t1 log INFO hello"),
        (#"{"kind":"dance"}"#, "unknown dance"), (#"{"success":"yes"}"#, "unknown -"), ("{}", "unknown -"),
        ("[1]", "- unreadable: a message must be a map, this is an array, at byte 0"),
        ("null", "- unreadable: a message must be a map, this is nil, at byte 0"),
    ])
    func messages(_ json: String, _ expected: String) throws {
        #expect(read(try JSONToMessagePackTests.pack(Array(json.utf8))) == expected)
    }

    @Test(arguments: [
        ("", "- unreadable: there is no MessagePack value, at byte 0"),
        (
            "81 a7 73 75 63 63 65 73 73",
            "- unreadable: the MessagePack value breaks off: a length reaches beyond the frame's end, at byte 9"
        ),
        (
            "df ff ff ff ff a2 69 64 a1 74",
            "- unreadable: the MessagePack value breaks off: a length reaches beyond the frame's end, at byte 0"
        ),
        (
            "82 a2 69 64 a1 74 c0",
            "t unreadable: the MessagePack value breaks off: a length reaches beyond the frame's end, at byte 7"
        ),
        ("80 00", "- unreadable: something follows the MessagePack value, at byte 1"),
        // A result that JSON cannot hold fails its own task only.
        (
            "83 a2 69 64 a1 74 a7 73 75 63 63 65 73 73 c3 a6 72 65 73 75 6c 74 91 ca 7f 80 00 00",
            "t unreadable: /result/0: the float is Infinity, which JSON cannot hold; send nil or a text instead, at byte 23"
        ),
        // Bytes and integer keys in a result.
        ("82 a7 73 75 63 63 65 73 73 c3 a6 72 65 73 75 6c 74 81 05 c4 01 61", #"- success {"5":"YQ=="} -"#),
        // A key that is no text is no member of a message; neither is a second str of the same length.
        ("83 05 a1 61 a2 69 65 a1 62 a7 73 75 63 63 65 73 73 c3", "- success null -"),
    ])
    func frames(_ hex: String, _ expected: String) {
        #expect(read(Hex.bytes(hex)) == expected)
    }

    @Test func aTaskIsTheSameAsInJSON() throws {
        let metadata = TaskMetadata(
            priority: -5, createdAt: Timestamp(microseconds: 1_769_860_800_000_000), attempt: 300,
            deadline: Timestamp(microseconds: 1_769_860_800_123_000),
            extra: try RawJSON(validating: #"{"queue":"q","n":[1,2.5]}"#))
        let rows = Array(repeating: #"{"n":1}"#, count: 20).joined(separator: ",")
        for metadata in [metadata, TaskMetadata()] {
            let task = WorkerTask(
                id: "tâche \"7\"", type: "A.B", params: try RawJSON(validating: #"{"rows":[\#(rows)],"x":null}"#),
                metadata: metadata)
            let frame = try MessagePackEnvelope.encode(task)
            var reader = FrameReader(.lengthPrefix, limit: 10_000)
            frame.withUnsafeBytes { reader.append($0) }
            guard case .frame(let range)? = reader.next() else {
                Issue.record("no frame in \(Hex.text(frame))")
                return
            }
            #expect(reader.pendingCount == 0)
            let json = try MessagePackToJSON.transcode(reader.bytes(of: range))
            #expect(json.text + "\n" == String(decoding: TaskEnvelope.encode(task), as: UTF8.self))
        }
    }

    @Test func parametersNeedNotBeAnObject() throws {
        let task = WorkerTask(id: "t", type: "A", params: try RawJSON(validating: "[1]"))
        #expect(
            try Hex.text(MessagePackEnvelope.encode(task))
                == "00 00 00 33 84 a2 69 64 a1 74 a4 74 79 70 65 a1 41 a6 70 61 72 61 6d 73 91 01 a8 6d 65 74 61 64 61 74 61 "
                + "82 a7 61 74 74 65 6d 70 74 01 a8 70 72 69 6f 72 69 74 79 00")
    }

    @Test func parametersThatCannotBeSentAreNamed() throws {
        let large = try RawJSON(validating: #"{"ids":[1,123456789012345678901234]}"#)
        for (params, extra, place) in [(large, nil, "/params/ids/1"), (.emptyObject, large, "/metadata/extra/ids/1")] {
            let task = WorkerTask(id: "t", type: "A", params: params, metadata: TaskMetadata(extra: extra))
            do throws(MessagePackEncodingError) {
                _ = try MessagePackEnvelope.encode(task)
                Issue.record("sent")
            } catch {
                #expect(error.path == place)
            }
        }
    }

    @Test func aCancelIsAMap() throws {
        #expect(
            try Hex.text(MessagePackEnvelope.cancel("t")).hasSuffix(
                "82 a7 63 6f 6e 74 72 6f 6c a6 63 61 6e 63 65 6c a2 69 64 a1 74"))
    }
}
