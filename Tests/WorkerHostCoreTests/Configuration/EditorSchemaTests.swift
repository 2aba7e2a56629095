import Foundation
import Testing
import WorkerHostCore

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
}
