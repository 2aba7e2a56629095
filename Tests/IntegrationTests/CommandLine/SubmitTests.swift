import Foundation
import Testing

/// `workerhost submit`
struct SubmitTests {
    @Test func printsOnlyTheID() async throws {
        let fixture = try CommandLineFixture()
        let outcome = try await fixture.run("submit", "--type", "Text.Score", "--params", #"{"a":1}"#)
        #expect(outcome.code == 0, "\(outcome)")
        #expect(outcome.text == "1\n")
        #expect(outcome.errorText.isEmpty)
    }

    @Test func anUnknownTypeNamesTheNearest() async throws {
        let fixture = try CommandLineFixture()
        let outcome = try await fixture.run("submit", "--type", "Text.Scor")
        #expect(outcome.code == 2)
        #expect(outcome.errorText.contains("'Text.Score'"))
        #expect(try await fixture.run("submit", "--type", "Text.Scor", "--allow-unknown").code == 0)
    }

    @Test(arguments: [("{\"a\":1,}", "byte 7"), ("[1]", "byte 0"), ("", "no JSON value"), ("{\"a\":1} x", "byte 8")])
    func badParamsNameTheFirstWrongByte(_ params: String, _ place: String) async throws {
        let fixture = try CommandLineFixture()
        let outcome = try await fixture.run("submit", "--type", "Text.Score", "--params", params)
        #expect(outcome.code == 2)
        #expect(outcome.errorText.contains(place), "\(outcome)")
        #expect(outcome.text.isEmpty)
    }

    @Test func paramsComeFromAFileOrStandardInput() async throws {
        let fixture = try CommandLineFixture()
        try fixture.scratch.write("p.json", "{\"from\": \"file\", \"n\": 1.50}\n")
        #expect(try await fixture.run("submit", "--type", "Text.Score", "--params", "@p.json").code == 0)
        let piped = try await fixture.run(
            "submit", "--type", "Text.Score", "--params", "-", input: .text(#"{"from":"stdin"}"#))
        #expect(piped.code == 0)
        let tasks = try await fixture.run("tasks", "--json")
        #expect(tasks.text.contains(#""params":{"from": "file", "n": 1.50}"#), "params are kept byte for byte")
        #expect(tasks.text.contains(#""params":{"from":"stdin"}"#))
        #expect(try await fixture.run("submit", "--type", "Text.Score", "--params", "@none").code == 2)
    }

    @Test func theSameDedupeKeyIsTheSameTask() async throws {
        let fixture = try CommandLineFixture()
        let first = try await fixture.run("submit", "--type", "Text.Score", "--dedupe-key", "k")
        let second = try await fixture.run("submit", "--type", "Text.Score", "--dedupe-key", "k")
        #expect(first.text == second.text)
        #expect(second.code == 0)
        #expect(second.errorText.contains("already"))
    }

    private let mixed = """
        {"type":"Text.Score","params":{"i":1},"priority":5,"dedupe_key":"a","delay":0.5}

        {"type":"Text.Score","prams":{}}
        nope
        {"type":"Txt.Score"}
        {"params":{}}
        {"type":"Text.Score","params":[]}
        {"type":"Text.Score","priority":"high"}
        {"type":"Text.Score","delay":-1}
        {"type":"Text.Score"}
        """

    private func expectAllBadLines(_ outcome: CommandOutcome, _ name: String) {
        let parts = [
            "\(name):3: unknown key 'prams'; did you mean 'params'?", "\(name):4: no JSON object",
            "\(name):5: no worker",
            "\(name):6: the key 'type' is missing", "\(name):7: 'params' must be", "\(name):8: 'priority' must be",
            "\(name):9: 'delay' must be",
        ]
        for part in parts { #expect(outcome.errorText.contains(part), "\(part) in \(outcome)") }
        #expect(outcome.errorText.contains("7 bad lines"))
        #expect(outcome.code == 2)
    }

    @Test func oneBadLineOfAFileStopsEverything() async throws {
        let fixture = try CommandLineFixture()
        try fixture.scratch.write("t.jsonl", mixed)
        let outcome = try await fixture.run("submit", "t.jsonl")
        expectAllBadLines(outcome, "t.jsonl")
        #expect(outcome.text.isEmpty)
        #expect(try await fixture.run("tasks", "--json").text == "[]\n")
    }

    @Test func badLinesOfStandardInputAreLeftOut() async throws {
        let fixture = try CommandLineFixture()
        let outcome = try await fixture.run("submit", "-", input: .text(mixed))
        expectAllBadLines(outcome, "<stdin>")
        #expect(outcome.text == "1\n2\n")
    }

    @Test func aSlowPipeIsNotWaitedFor() async throws {
        let fixture = try CommandLineFixture()
        let submit = try fixture.runner.start(["submit", "-"], input: .open)
        submit.write("{\"type\":\"Text.Score\"}\n{\"type\":\"Text")
        #expect(
            await submit.wait { $0.outputSoFar == "1\n" }, "the first task is added before the second line is complete")
        submit.write(".Score\"}\n")
        #expect(await submit.wait { $0.outputSoFar == "1\n2\n" })
        submit.closeInput()
        #expect(await submit.outcome().code == 0)
    }

    @Test func manyLinesKeepTheirOrder() async throws {
        let fixture = try CommandLineFixture()
        let lines = (0..<5000).map { "{\"type\":\"Text.Score\",\"params\":{\"i\":\($0)}}" }
        try fixture.scratch.write("t.jsonl", lines.joined(separator: "\r\n"))
        let outcome = try await fixture.run("submit", "t.jsonl")
        #expect(outcome.code == 0)
        #expect(outcome.lines == (1...5000).map(String.init))
        let last = try await fixture.run("tasks", "--json", "--limit", "1")
        #expect(last.text.contains(#""params":{"i":4999}"#))
    }

    @Test func waitPrintsResultsAndTellsOfFailures() async throws {
        let fixture = try CommandLineFixture()
        try fixture.scratch.write("t.jsonl", "{\"type\":\"Text.Score\"}\n{\"type\":\"Bad.Thing\"}\n")
        let waiting = try fixture.runner.start(["submit", "--wait", "--json", "t.jsonl"])
        let single = try fixture.runner.start(["submit", "--wait", "--type", "Text.Score"])
        let host = try fixture.runner.start(["run"])
        let outcome = await waiting.outcome()
        let result = await single.outcome()
        host.signal(SIGTERM)
        #expect(await host.outcome().code == 0)
        #expect(outcome.code == 1, "\(outcome)")
        #expect(outcome.lines.count == 2)
        #expect(outcome.lines.first?.hasSuffix(#""status":"completed","result":{"n": 1.0}}"#) == true)
        #expect(outcome.lines.last?.contains(#""type":"ValueError","message":"bad thing""#) == true)
        #expect(result.code == 0, "\(result)")
        #expect(result.text == "{\"n\": 1.0}\n")
    }
}
