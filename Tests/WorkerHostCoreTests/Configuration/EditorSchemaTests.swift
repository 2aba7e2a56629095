import Foundation
import Testing

@testable import WorkerHostCore

/// Docs/workerhost.schema.json is written by hand; these tests keep it true.
@Suite struct EditorSchemaTests {
    private static let path = URL(filePath: #filePath).appending(path: "../../../../Docs/workerhost.schema.json")

    private func schema() throws -> RawJSON {
        try RawJSON(validating: [UInt8](Data(contentsOf: Self.path.standardizedFileURL)))
    }

    @Test func itListsTheKeysThatTheLoaderKnowsAndNoOthers() throws {
        func paths(_ schema: JSONValue, _ parent: String) -> [String] {
            guard case .object(let members) = schema else { return [] }
            if let items = members["items"] { return paths(items, parent) }
            guard case .object(let properties)? = members["properties"] else { return [] }
            return properties.filter { $0.key != "<<" }.flatMap { key, value -> [String] in
                var path = parent.isEmpty ? key : "\(parent).\(key)"
                if case .object(let below) = value, case .object(let items)? = below["items"],
                    items["properties"] != nil
                {
                    path += "[]"
                }
                return [path] + paths(value, path)
            }
        }
        let listed = Set(paths(try JSONValue(schema()), ""))
        let known = Set(ConfigurationLoader.knownKeys)
        #expect(known.subtracting(listed).sorted() == [])
        #expect(listed.subtracting(known).sorted() == [])
        #expect(known.count >= 80)
    }

    @Test func itIsASchemaAndRefusesWhatTheLoaderRefuses() throws {
        let schema = try ParameterSchema(schema())
        let good = #"{"task_manager":{"type":"sqlite"},"workers":[{"name":"a","command":["x"],"task_types":["A"]}]}"#
        #expect(schema.violations(in: try RawJSON(validating: good)) == [])
        #expect(errors(good) == [])
        let bad = good.replacing("\"name\"", with: "\"nam\"")
        let violations = schema.violations(in: try RawJSON(validating: bad))
        #expect(violations == ["/workers/0/name: is missing", "/workers/0/nam: is not allowed; did you mean 'name'?"])
        #expect(
            errors(bad) == [
                "host.yaml:1:46: workers[0].name: this key is missing; expected a text",
                "host.yaml:1:47: workers[0].nam: unknown key; did you mean 'name'?",
            ])
    }

    // MARK: - Quality

    /// All schemas of keys, with the keys' paths.
    private func keys() throws -> [(path: String, schema: [String: JSONValue])] {
        func below(_ schema: JSONValue, _ path: String) -> [(String, [String: JSONValue])] {
            guard case .object(let members) = schema else { return [] }
            var found = path.isEmpty || path.hasSuffix("<<") ? [] : [(path, members)]
            if let items = members["items"] { found += below(items, "\(path)[]") }
            if case .object(let properties)? = members["properties"] {
                for (key, value) in properties { found += below(value, path.isEmpty ? key : "\(path).\(key)") }
            }
            return found
        }
        return try below(JSONValue(schema()), "")
    }

    @Test func everyKeyIsDescribedAndTyped() throws {
        for (path, schema) in try keys() {
            guard case .string(let description)? = schema["description"] else {
                Issue.record("\(path) has no description")
                continue
            }
            #expect(description.hasSuffix("."), "\(path)")
            #expect(["type", "enum", "anyOf", "$ref"].contains { schema[$0] != nil }, "\(path)")
            guard case .object? = schema["properties"] else { continue }
            #expect(schema["additionalProperties"] == .bool(false), "\(path)")
            #expect(schema["patternProperties"] == .object(["^x-": .bool(true)]), "\(path)")
        }
    }

    /// Where the default of a given section differs from that of one that is left out.
    private static let onceGiven: Set = [
        // The default is that of the whole list.
        "monitoring.observers[].type",
        "monitoring.metrics.enabled", "monitoring.health_check.enabled", "advanced.worker_pool.enabled",
    ]

    @Test func theDefaultsAreThoseOfTheLoader() throws {
        let explanation = ConfigurationLoader(environment: [:])
            .explain(text: minimal(), name: "host.yaml", baseDirectory: "/srv/app")
        let facts = Dictionary(explanation.facts.map { ($0.schemaPath, $0) }, uniquingKeysWith: { first, _ in first })
        for (path, schema) in try keys() where !Self.onceGiven.contains(path) {
            guard let fact = facts[path], case .standard(let basis) = fact.origin else { continue }
            switch schema["default"] {
            case nil: #expect(fact.standard == nil || basis != nil, "\(path) has the default \(fact.standardText)")
            case .string(let text)?: #expect(basis != nil || fact.standardText == text, "\(path)")
            case .bool(let flag)?: #expect(fact.standardText == String(flag), "\(path)")
            case .number(let number)?:
                let expected = schema["$ref"] == nil ? number.text : "\(number.text)s"
                #expect(fact.standardText == expected, "\(path)")
            case .array(let items)?: #expect(items.isEmpty == (fact.standardText == "[]"), "\(path)")
            default: continue
            }
        }
    }

    @Test func examplesAndDefaultsFitTheirKeys() throws {
        let root = try JSONValue(schema())
        guard case .object(let members) = root, let definitions = members["$defs"] else {
            Issue.record("no definitions")
            return
        }
        for (path, schema) in try keys() {
            var values: [JSONValue] = schema["default"].map { [$0] } ?? []
            if case .array(let examples)? = schema["examples"] { values += examples }
            guard !values.isEmpty else { continue }
            let compiled = try ParameterSchema(json(.object(schema.merging(["$defs": definitions]) { old, _ in old })))
            for value in values { #expect(compiled.violations(in: try json(value)) == [], "\(path)") }
        }
    }

    private func json(_ value: JSONValue) throws -> RawJSON {
        func text(_ value: JSONValue) -> String {
            switch value {
            case .null: "null"
            case .bool(let flag): String(flag)
            case .number(let number): number.text
            case .string(let string): string.shown.text
            case .array(let items): "[\(items.map(text).joined(separator: ","))]"
            case .object(let members):
                "{\(members.map { "\($0.key.shown.text):\(text($0.value))" }.joined(separator: ","))}"
            }
        }
        return try RawJSON(validating: text(value))
    }

    // MARK: - Validation

    /// A configuration as the editors' tools see it: without substitution.
    private func asJSON(_ text: String) -> RawJSON? {
        let log = IssueLog(file: "f")
        let document = YAMLDocument(parsing: text, log: log)
        guard let root = document.root else { return nil }
        var builder = SourceTreeBuilder(log: log, renamedKeys: document.renamedKeys, environment: [:])
        let tree = builder.build(root)
        return log.errors.isEmpty ? tree.rawJSON() : nil
    }

    @Test func goodConfigurationsAreValid() throws {
        let schema = try ParameterSchema(schema())
        let examples = URL(filePath: #filePath).appending(path: "../../../../Examples").standardizedFileURL
        var texts = [("minimal", minimal()), ("added", addedKeys)]
        texts.append(("original", originalKeys.replacing("${TASKMANAGER_API_KEY}", with: "\"$${KEY}\"")))
        for folder in try FileManager.default.contentsOfDirectory(atPath: examples.path) {
            let file = examples.appending(path: "\(folder)/workerhost.yaml")
            guard FileManager.default.fileExists(atPath: file.path) else { continue }
            texts.append((folder, try String(contentsOf: file, encoding: .utf8)))
        }
        #expect(texts.count >= 5)
        for (name, text) in texts {
            let json = try #require(asJSON(text), "\(name)")
            #expect(schema.violations(in: json) == [], "\(name)")
        }
    }

    /// What a JSON Schema cannot know: other keys, other elements, files, the meaning of texts.
    private static let beyondSchemas: Set = [
        "two workers of one name", "another TaskManager", "an empty text", "a zero byte in a text",
        "a zero byte in a word", "a number larger than any", "a duration out of range", "a batch that waits too long",
        "an unknown field of the log", "a percent sign alone", "a field without type", "a field that is too wide",
        "fewer than least", "a pool with fewer than its least", "a module with a dash", "names that are none",
        "command beside module",
        "a forbidden module", "a forbidden module in a command", "a module with .py", "a malformed task type",
        "a cap below the first wait", "a variable's name that is none", "a name of a variable to inherit",
        "inheriting what may not be", "a broken schema", "a schema file that is missing",
        "a schema file that is a directory", "a schema file that is no JSON", "a schema file that cannot be read",
        "a bad override", "an override that is no YAML", "a remote TaskManager without address",
        "a remote TaskManager in the open", "an address that is none", "half a client's certificate",
        "types that cannot be listed, and a timeout that fits into no claim", "a service in the open",
    ]

    /// Whatever the loader refuses the schema refuses too, as far as one can.
    @Test func badConfigurationsAreNot() throws {
        let schema = try ParameterSchema(schema())
        var refused = 0
        for mistake in MistakenConfiguration.all where !mistake.name.hasPrefix("too many values") {
            guard let json = asJSON(mistake.text) else { continue }
            let isValid = schema.violations(in: json).isEmpty
            #expect(isValid == Self.beyondSchemas.contains(mistake.name), "\(mistake.name)")
            if !isValid { refused += 1 }
        }
        #expect(refused > 20)
    }
}
