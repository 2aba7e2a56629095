import Testing
import WorkerHostCore

@Suite struct SubstitutionTests {
    private func description(_ written: String, _ environment: [String: String] = [:]) throws -> String? {
        try load(minimal(worker: "description: \"\(written)\""), environment: environment)
            .configuration.workers.first?.description
    }

    @Test(arguments: [
        ("plain $HOME", "plain $HOME"), ("$", "$"), ("$$", "$"), ("$${A}", "${A}"), ("$$$$", "$$"),
        ("${A}", "one"), ("a${A}b${A}c", "aoneboneb".dropLast() + "c"), ("${A:-x}", "one"), ("${NONE:-x}", "x"),
        ("${NONE:-}", ""), ("${EMPTY}", ""), ("${EMPTY:-x}", "x"), ("${NONE:-a:-b}", "a:-b"),
        ("${DOLLAR}", "pa$$${A}word"), ("${NONE:-$A}", "$A"),
    ])
    func rules(written: String, expected: String) throws {
        let environment = ["A": "one", "EMPTY": "", "DOLLAR": "pa$$${A}word"]
        #expect(try description(written, environment) == expected)
    }

    @Test(arguments: [
        (
            "${NONE}",
            "host.yaml:9:18: workers[0].description: the environment variable NONE is not set: set it, or give a "
                + "default with ${NONE:-…}"
        ),
        (
            "${A",
            "host.yaml:9:18: workers[0].description: '${' without a closing '}'; write '$$' for a dollar sign"
        ),
        (
            "${1-2}",
            "host.yaml:9:18: workers[0].description: '${1-2}' is no variable: write ${NAME} or ${NAME:-default}, and "
                + "'$$' for a dollar sign"
        ),
    ])
    func mistakes(written: String, expected: String) {
        #expect(errors(minimal(worker: "description: \"\(written)\"")) == [expected])
    }

    @Test func aQuotedVariableFillsANumberAndATextIsNotRetyped() throws {
        let text = minimal(
            worker: "timeout: \"${T}\"\nconcurrency: ${N}\ndescription: ${N}\nmetadata:\n  n: \"${N}\"\n  m: ${N}")
        let worker = try load(text, environment: ["T": "2m", "N": "12"]).configuration.workers.first
        #expect(worker?.timeout == .seconds(120))
        #expect(worker?.concurrency == 12)
        #expect(worker?.description == "12")
        #expect(worker?.metadata.text == #"{"n":"12","m":"12"}"#)
    }

    @Test func aVariableInsideBracesNeedsQuotes() {
        #expect(
            errors(minimal(worker: "metadata: {n: ${N}}")) == [
                "host.yaml:9:20: this is not valid YAML: while parsing a flow mapping (line 9): did not find expected "
                    + "',' or '}'; inside [] and {} put quotes around \"${NAME}\""
            ])
    }

    @Test func insideListsAndNotInKeys() throws {
        let text = minimal(worker: "environment: {\"${A}\": \"${A}\"}").replacing("[Echo]", with: "[Echo, \"${A}.*\"]")
        let worker = try load(text, environment: ["A": "one"]).configuration.workers.first
        #expect(worker?.taskTypes == ["Echo", "one.*"])
        #expect(worker?.environment == ["${A}": "one"])
    }

    @Test func aBadValueFromTheEnvironmentIsNotShown() {
        #expect(
            errors(minimal(worker: "concurrency: ${SECRET}"), environment: ["SECRET": "hunter2"]) == [
                "host.yaml:9:18: workers[0].concurrency: this is the text \"***\"; expected a whole number from 1 to "
                    + "10000"
            ])
    }
}
