/// Reads `workers[].schema`: a JSON Schema written out, or the path of a JSON file.
struct WorkerSchemaReader {
    private let section: MapReader
    private let paths: PathResolver
    private let worker: String

    init(_ section: MapReader, paths: PathResolver, worker: String) {
        self.section = section
        self.paths = paths
        self.worker = worker
    }

    private static let expectation = "a JSON Schema, or the path of a JSON file that holds one"

    func read() -> RawJSON? {
        let schema = given()
        var isFile = false
        if case .scalar(let scalar)? = section.value("schema")?.content { isFile = scalar.type == .text }
        if schema != nil, isFile, let path = section.scalar("schema")?.text() {
            // The file's name says more than all that is in it.
            section.noted("schema", paths.absolute(path), default: nil, expectation: Self.expectation)
        } else {
            section.noteFree("schema", isUsable: schema != nil, expectation: Self.expectation)
        }
        return schema
    }

    private func given() -> RawJSON? {
        guard let value = section.value("schema") else { return nil }
        switch value.content {
        case .map: return checked(value.rawJSON())
        case .scalar(let scalar) where scalar.type == .bool && !scalar.isSubstituted: return checked(value.rawJSON())
        case .scalar:
            let text = ScalarReader(value, section.log).text(allowsEmpty: false, expectation: Self.expectation)
            return text.flatMap { file(paths.absolute($0)) }.flatMap(checked)
        case .list:
            section.error("schema", "this is a list", expected: "a mapping, or the path of a JSON file")
            return nil
        case .null, .invalid: return nil
        }
    }

    private func file(_ path: String) -> RawJSON? {
        do {
            return try RawJSON(validating: try TextFile.bytes(of: path))
        } catch let error as JSONError {
            section.error("schema", "the file \(path) is not valid JSON: \(error)")
        } catch let error as TextFile.Failure {
            section.error("schema", "the file \(path) \(error.text)")
        } catch {
            section.error("schema", "the file \(path) cannot be read: \(error)")
        }
        return nil
    }

    private func checked(_ schema: RawJSON) -> RawJSON? {
        do {
            _ = try ParameterSchema(schema)
            return schema
        } catch {
            let whose = worker.isEmpty ? "this worker" : "worker '\(worker)'"
            for problem in error.problems {
                section.error("schema", "the schema of \(whose) is broken at \(problem)")
            }
            return nil
        }
    }
}
