import Testing

@testable import WorkerHostCore

/// The task that a worker is checked with.
@Suite struct ConformanceTaskTests {
    private func worker(_ types: [String], schema: String? = nil) throws -> WorkerConfiguration {
        WorkerConfiguration(
            name: "w", projectPath: "/", command: ["w"], taskTypes: types,
            schema: try schema.map { try RawJSON(validating: $0) })
    }

    @Test(arguments: [
        (["A.B", "C"], "A.B"), (["A.*"], "A.WorkerHostCheck"), (["*"], "WorkerHostCheck"),
        (["!A.C", "A.*"], "A.WorkerHostCheck"),
    ])
    func theTypeIsTheFirstThatTheWorkerHas(_ types: [String], _ type: String) throws {
        #expect(ConformanceTask(for: try worker(types)).type == type)
    }

    @Test(arguments: [
        (#"{"type":"object"}"#, "{}"),
        (#"{"type":"object","properties":{"n":{"type":"integer","minimum":3},"m":{}},"required":["n"]}"#, #"{"n":3}"#),
        (
            #"{"properties":{"a":{"enum":["x","y"]},"b":{"const":[1]},"c":{"type":["string","null"],"minLength":2}},"required":["a","b","c"]}"#,
            #"{"a":"x","b":[1],"c":"xx"}"#
        ),
        (
            #"{"type":"object","required":["l","o"],"properties":{"l":{"type":"array","minItems":2,"items":{"type":"boolean"}},"o":{"type":"object","required":["d"],"properties":{"d":{"default":"\u00e9\n"}}}}}"#,
            #"{"l":[false,false],"o":{"d":"é\n"}}"#
        ),
    ])
    func paramsAreMadeAfterASimpleSchema(_ schema: String, _ params: String) throws {
        let task = ConformanceTask(for: try worker(["A"], schema: schema))
        #expect(task.params.text == params && task.source == .schema)
    }

    @Test(arguments: [
        #"{"type":"object","required":["u"],"properties":{"u":{"type":"string","pattern":"^https:"}}}"#,
        #"{"type":"object","required":["u"]}"#, #"{"required":["a"],"properties":{"a":{"anyOf":[{"type":"string"}]}}}"#,
        ##"{"required":["a"],"properties":{"a":{"$ref":"#"}}}"##,
    ])
    func whatIsNotSimpleIsLeftToPeople(_ schema: String) throws {
        let task = ConformanceTask(for: try worker(["A"], schema: schema))
        #expect(task.params == .emptyObject && task.source == .empty)
    }

    @Test func membersAreAddedAndTextsLengthened() throws {
        #expect(String(decoding: ParamsText(.emptyObject).adding("a", [0x31]), as: UTF8.self) == #"{"a":1}"#)
        let params = ParamsText(try RawJSON(validating: #"{"t":"x","n":{"t":"y"},"u":""}"#))
        #expect(String(decoding: params.adding("a", [0x31]), as: UTF8.self) == #"{"t":"x","n":{"t":"y"},"u":"","a":1}"#)
        #expect(params.appendingToTexts(Array("!".utf8)).text == #"{"t":"x!","n":{"t":"y"},"u":"!"}"#)
    }
}
