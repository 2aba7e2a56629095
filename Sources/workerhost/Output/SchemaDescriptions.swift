import WorkerHostCore

/// The descriptions of the keys in the editors' schema.
struct SchemaDescriptions {
    private var texts: [String: String] = [:]

    /// Reads a schema; without one there are no descriptions.
    init(_ schema: String) {
        do throws(JSONError) {
            collect(try JSONValue(try RawJSON(validating: schema)), at: "")
        } catch {
            // A test proves that the schema of the program is valid.
            texts = [:]
        }
    }

    /// The description of a key like `workers[].timeout`; of the key above where it has none of its own.
    subscript(_ path: String) -> String? {
        texts[path] ?? path.lastIndex(of: ".").flatMap { texts[String(path[..<$0])] }
    }

    private mutating func collect(_ schema: JSONValue, at path: String) {
        guard case .object(let members) = schema else { return }
        if !path.isEmpty, case .string(let text)? = members["description"] { texts[path] = text }
        if let items = members["items"] { collect(items, at: "\(path)[]") }
        guard case .object(let properties)? = members["properties"] else { return }
        for (key, value) in properties { collect(value, at: path.isEmpty ? key : "\(path).\(key)") }
    }
}
