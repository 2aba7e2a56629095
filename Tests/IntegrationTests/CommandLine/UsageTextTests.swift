import Foundation
import Testing

/// What the program says about wrong usage, run for real: what, where, and what to do.
struct UsageTextTests {
    struct Mistake: Sendable, CustomTestStringConvertible {
        let arguments: [String]
        let code: Int32
        /// Standard error, with the scratch directory as DIR.
        let says: String
        var input = ""

        init(_ arguments: [String], _ code: Int32, _ says: String, input: String = "") {
            (self.arguments, self.code, self.says, self.input) = (arguments, code, says, input)
        }

        var testDescription: String { arguments.joined(separator: " ") }
    }

    /// Of the parser's complaints the first line.
    static let mistakes: [Mistake] = [
        Mistake(["frobnicate"], 2, "Error: Unexpected argument 'frobnicate'"),
        Mistake(["run", "--nonsense"], 2, "Error: Unknown option '--nonsense'"),
        Mistake(["submit"], 2, "Error: Name a --type, or a file of JSON lines (- for standard input)."),
        Mistake(
            ["submit", "tasks.jsonl", "--type", "A"], 2,
            "Error: A file's lines say themselves what they are: leave out --type, --params and the like."),
        Mistake(
            ["submit", "--type", "Text.Score", "--priority", "99999999999"], 2,
            "Error: --priority must lie between -2147483648 and 2147483647."),
        Mistake(
            ["submit", "--type", "Text.Scroe"], 2,
            "workerhost: no worker runs the type 'Text.Scroe'; did you mean 'Text.Score'? (--allow-unknown adds it all "
                + "the same)."),
        Mistake(
            ["submit", "--type", "Text.Score", "--params", "{"], 2,
            "workerhost: --params is no JSON: the JSON text ends in the middle of a value, at byte 1. Good until: {"),
        Mistake(
            ["submit", "--type", "Text.Score", "--params", "[1]"], 2,
            "workerhost: --params must be a JSON object like {\"key\":\"value\"}: another value begins at byte 0."),
        Mistake(
            ["submit", "--type", "Text.Score", "--params", "@none.json"], 2,
            "workerhost: The file 'none.json' of --params cannot be opened: No such file or directory. Check the path "
                + "behind '@'."),
        Mistake(
            ["submit", "--type", "Text.Score", "--params", "@/"], 2,
            "workerhost: '/' cannot be read: Is a directory. Check that it is a file."),
        Mistake(
            ["submit", "--type", "Text.Score", "--dedupe-key", ""], 2,
            "workerhost: --dedupe-key is empty: leave it out."),
        Mistake(
            ["submit", "--type", "Text.Score", "--delay", "soon"], 2,
            "workerhost: --delay 'soon' is not a number of seconds that is not negative, or a text like 250ms, 30s, "
                + "5m, 2h or 1d."),
        Mistake(
            ["submit", "none.jsonl"], 2,
            "workerhost: 'none.jsonl' cannot be opened: No such file or directory. Check the path."),
        Mistake(["submit", "/"], 2, "workerhost: '/' is a directory: name a file of JSON lines."),
        Mistake(
            ["submit", "-"], 2,
            """
            <stdin>:1: the key 'type' is missing
            <stdin>:2: unknown key 'typ'; did you mean 'type'?
            <stdin>:3: no JSON object: unexpected 'x' at byte 0
            <stdin>:4: 'priority' must be a whole number
            <stdin>:5: 'params' must be a JSON object, at byte 30
            workerhost: 5 bad lines of '<stdin>' left out; 0 tasks submitted.
            """,
            input: """
                {}
                {"typ":"Text.Score"}
                x
                {"type":"Text.Score","priority":1.5}
                {"type":"Text.Score","params":[]}

                """),
        Mistake(
            ["tasks", "--status", "odd"], 2,
            "Error: The value 'odd' is invalid for '--status <status>'. Please provide one of 'pending', 'running', "
                + "'completed' or 'failed'."),
        Mistake(["tasks", "--limit", "0"], 2, "Error: --limit must be at least 1."),
        Mistake(["explain"], 2, "Error: Missing expected argument '<id>'"),
        Mistake(
            ["explain", "99"], 1,
            "workerhost: There is no task '99' in the queue 'DIR/state/queue.sqlite': 'workerhost tasks' lists what "
                + "there is."),
        Mistake(
            ["status", "--config", "none.yaml"], 2,
            "workerhost: The configuration has 1 error:\nnone.yaml: the configuration file does not exist: check the "
                + "path"),
        Mistake(["config", "frob"], 2, "Error: Unexpected argument 'frob'"),
        Mistake(
            ["config", "explain", "workers.ok.timout"], 2,
            "workerhost: There is no key 'workers.ok.timout' in 'workerhost.yaml'; did you mean 'workers.ok.timeout'?"),
        Mistake(
            ["config", "explain", "frobnicate"], 2,
            "workerhost: There is no key 'frobnicate' in 'workerhost.yaml'. 'workerhost config explain' shows all keys."
        ),
    ]

    @Test(arguments: mistakes)
    func wrongUsageIsExplained(_ mistake: Mistake) async throws {
        let fixture = try CommandLineFixture()
        let outcome = try await fixture.runner.run(mistake.arguments, input: .text(mistake.input))
        #expect(outcome.code == mistake.code)
        #expect(outcome.text.isEmpty)
        var said = outcome.errorText.replacing(fixture.scratch.path, with: "DIR")
        // The parser shows the usage behind its complaint.
        if said.hasPrefix("Error: ") { said = String(said.prefix { $0 != "\n" }) }
        #expect(said.trimmingCharacters(in: .newlines) == mistake.says)
    }

    @Test func whatTheConfigurationNamesAndCannotBeUsed() async throws {
        let fixture = try CommandLineFixture()
        func said(_ variables: [String: String], _ arguments: String...) async throws -> (Int32, String) {
            let outcome = try await fixture.runner.with(variables).run(arguments)
            return (outcome.code, outcome.errorText.replacing(fixture.scratch.path, with: "DIR"))
        }
        #expect(
            try await said(["WORKERHOST_LOGGING_FILE": "/proc/no/host.log"], "run", "--until-idle")
                == (
                    2,
                    "workerhost: The directory of logging.file '/proc/no/host.log' cannot be made: No such file or "
                        + "directory. Make it, or correct logging.file.\n"
                ))
        #expect(
            try await said(["WORKERHOST_LOGGING_FILE": "/"], "run", "--until-idle")
                == (
                    2,
                    "workerhost: logging.file '/' cannot be opened for writing: Is a directory. Make it writable for "
                        + "this user, or correct logging.file.\n"
                ))
        let nowhere = ["WORKERHOST_STATE_DIR": "/proc/no", "WORKERHOST_TASKMANAGER_PATH": "/proc/no/queue.sqlite"]
        #expect(
            try await said(nowhere, "submit", "--type", "Text.Score")
                == (
                    3,
                    "workerhost: The directory state_dir '/proc/no' cannot be made: No such file or directory. Make "
                        + "it, or correct state_dir.\n"
                ))
        let none = try await CommandRunner.workerhost.inside("/").run(["status"])
        #expect(
            none.errorText
                == "workerhost: No configuration: name a file with --config or in WORKERHOST_CONFIG, or write "
                + "./workerhost.yaml.\n")
    }
}
