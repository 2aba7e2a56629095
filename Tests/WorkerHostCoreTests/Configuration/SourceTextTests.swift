import Foundation
import Testing
import WorkerHostCore

@Suite struct SourceTextTests {
    @Test(arguments: [
        ("", "host.yaml: the file is empty; expected at least 'task_manager' and 'workers'"),
        ("# only a comment\n", "host.yaml: the file is empty; expected at least 'task_manager' and 'workers'"),
        (
            "- a\n",
            "host.yaml:1:1: the file holds a list; expected a mapping with at least 'task_manager' and 'workers'"
        ),
        (
            "a: [1, 2\nb: 3\n",
            "host.yaml:2:2: this is not valid YAML: while parsing a flow sequence (line 1): did not find expected "
                + "',' or ']'"
        ),
        (
            "a:\n\tb: 1\n",
            "host.yaml:2:1: this is not valid YAML: while scanning for the next token (line 2): found character that "
                + "cannot start any token"
        ),
        ("a: *nope\n", "host.yaml:1:4: this is not valid YAML: found undefined alias"),
        (
            "a: 1\n---\nb: 2\n",
            "host.yaml:2:1: this is not valid YAML: expected a single document in the stream (line 1): but found another document"
        ),
        ("a: \u{1}\n", "host.yaml:1:4: this is not valid YAML: control characters are not allowed"),
    ])
    func whatIsNoConfiguration(text: String, expected: String) {
        #expect(errors(text) == [expected])
    }

    @Test func jsonHasPlacesToo() throws {
        let json = """
            {
            \t"task_manager": {"type":"sqlite", "durabilty": "power"},
            \t"workers": [
            \t\t{"name":"a\\u00e9\\ud83d\\ude00", "command": ["x"], "task_types": ["A"], "timeout": "x"}
            \t]
            }
            """
        #expect(
            errors(json, name: "host.json") == [
                "host.json:2:36: task_manager.durabilty: unknown key; did you mean 'durability'?",
                "host.json:4:82: workers[0].timeout: this is the text \"x\"; expected a number of seconds, or a text "
                    + "like 250ms, 30s, 5m, 2h or 1d",
            ])
        let good = json.replacing("durabilty", with: "durability").replacing(
            "\"timeout\": \"x\"", with: "\"timeout\":5")
        let configuration = try load(good, name: "host.json").configuration
        #expect(configuration.workers.first?.name == "aé😀")
        #expect(configuration.workers.first?.timeout == .seconds(5))
    }

    @Test func anchorsAliasesAndMergeKeys() throws {
        let text = """
            x-defaults: &defaults
              command: [run]
              timeout: 7
              max_retries: 1
            task_manager: {type: sqlite}
            workers:
              - <<: *defaults
                name: a
                task_types: &types [A]
              - {<<: [*defaults, {timeout: 9, description: d}], name: b, task_types: *types, max_retries: 0}
            """
        let workers = try load(text).configuration.workers
        #expect(workers.map(\.timeout) == [.seconds(7), .seconds(7)])
        #expect(workers.map(\.description) == ["", "d"])
        #expect(workers.map(\.taskTypes) == [["A"], ["A"]])
        #expect(workers.map(\.retry.maxAttempts) == [1, 1])
    }

    @Test func anAliasBombIsRefusedAndNotExpanded() {
        var text = "x-0: &a0 [z, z, z, z, z, z, z, z, z, z]\n"
        for level in 1...30 {
            text +=
                "x-\(level): &a\(level) [\(Array(repeating: "*a\(level - 1)", count: 10).joined(separator: ", "))]\n"
        }
        let found = errors(text)
        #expect(found.count == 1)
        #expect(
            found.first?.hasSuffix(
                "the file has more than 200000 values once its aliases ('*name') are expanded: write fewer")
                == true)
        // The parser hashes keys: these would take for ever before anything of ours sees them.
        let keys = [
            "? *a30\n: 1", "*a30 : 1", "x: {*a30 : 1}", "x: {*a30: 1}", "x: {*a30:1}", "[*a30]: 1",
            "x: {{a: *a30} : 1}",
        ]
        for key in keys {
            let found = errors(text + key + "\n")
            #expect(found.count == 1)
            #expect(found.first?.hasPrefix("host.yaml:32:") == true, "\(key)")
            #expect(
                found.first?.hasSuffix(
                    "a key that is an alias ('*name:'), a list or a mapping is not supported: write a plain key")
                    == true)
        }
        let merged = "x-0: &a0 []\n" + text.split(separator: "\n").dropFirst().joined(separator: "\n") + "\n<<: *a30\n"
        #expect(errors(merged).count == 1)
    }

    @Test func nothingThatAFileHoldsCrashesTheLoader() {
        var random = SplitMix(state: 7)
        let pieces = [
            "{", "}", "[", "]", ":", "- ", "*a", "&a ", "${", "$$", "\"", "'", "\n", "\t", "? ", "<<: ", "!x ", "|",
            "~", "1e999", "\u{0}", "é",
        ]
        for source in [originalKeys, addedKeys] {
            for _ in 0..<200 {
                var text = source
                for _ in 0...(random.next() % 3) {
                    let index = text.index(text.startIndex, offsetBy: Int(random.next() % UInt64(text.count)))
                    if random.next() % 2 == 0 {
                        text.replaceSubrange(index...index, with: pieces[Int(random.next() % UInt64(pieces.count))])
                    } else {
                        text.insert(contentsOf: pieces[Int(random.next() % UInt64(pieces.count))], at: index)
                    }
                }
                #expect(errors(text).allSatisfy { $0.hasPrefix("host.yaml") })
            }
        }
    }

    private struct SplitMix: RandomNumberGenerator {
        var state: UInt64
        mutating func next() -> UInt64 {
            state &+= 0x9E37_79B9_7F4A_7C15
            var value = state
            value = (value ^ (value >> 30)) &* 0xBF58_476D_1CE4_E5B9
            value = (value ^ (value >> 27)) &* 0x94D0_49BB_1331_11EB
            return value ^ (value >> 31)
        }
    }

    @Test func deepNestingIsRefused() {
        let found = errors("x-a: " + String(repeating: "[", count: 500) + String(repeating: "]", count: 500))
        #expect(found.count == 1)
        #expect(found.first?.hasSuffix("values are nested more than 100 deep: write them flatter") == true)
    }

    @Test func tagsAreRefused() {
        #expect(
            errors(minimal(worker: "description: !secret x")) == [
                "host.yaml:9:18: workers[0].description: the tag '!secret' is not supported: remove it"
            ])
    }

    @Test func yesAndNoAreTrueAndFalseWhereTheseAreWanted() throws {
        let logging = try load(minimal(rest: "logging: {structured: yes, capture_worker_output: Off}")).configuration
            .logging
        #expect(logging.structured)
        #expect(!logging.captureWorkerOutput)
        #expect(try load(minimal(worker: "description: no")).configuration.workers.first?.description == "no")
        #expect(
            errors(minimal(rest: "logging: {structured: \"true\"}")) == [
                "host.yaml:9:23: logging.structured: this is the text \"true\"; expected true or false"
            ])
    }

    @Test func filesThatCannotBeRead() throws {
        let directory = FileManager.default.temporaryDirectory.appending(path: "wh-config-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        defer { #expect(throws: Never.self) { try FileManager.default.removeItem(at: directory) } }
        func message(_ path: String) -> String {
            do {
                _ = try ConfigurationLoader(environment: [:]).load(file: path)
                return ""
            } catch {
                return error.description
            }
        }
        let missing = directory.path + "/none.yaml"
        #expect(message(missing) == "\(missing): the configuration file does not exist: check the path")
        #expect(
            message(directory.path)
                == "\(directory.path): the configuration file is a directory: give the path of the file itself")
        let file = directory.path + "/host.yaml"
        try Data([0x61, 0x3A, 0x0A, 0xFF, 0xFE]).write(to: URL(filePath: file))
        #expect(message(file) == "\(file):2: the configuration file is not UTF-8: save it in that encoding")
        try Data(("\u{FEFF}" + minimal()).utf8).write(to: URL(filePath: file))
        let loaded = try ConfigurationLoader(environment: [:]).load(file: file)
        #expect(loaded.configuration.workers.first?.projectPath == directory.path + "/worker")
    }
}
