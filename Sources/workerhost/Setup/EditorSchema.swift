/// The JSON Schema of the configuration file, for editors. `Docs/workerhost.schema.json` is the same file.
enum EditorSchema {
    /// The schema as it is shipped: JSON with a line end.
    static let text = String(decoding: PackageResources.workerhost_schema_json, as: UTF8.self)
}
