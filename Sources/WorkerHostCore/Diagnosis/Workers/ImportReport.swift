/// What the probe's program found (see ``ImportProbe/program``).
struct ImportReport: Sendable {
    /// An exception.
    struct Failure: Sendable {
        let type: String
        let message: String
        /// The file and the line where it happened, if it happened in one.
        let file: String?
        let line: Int?
        /// What could not be found, for a missing module.
        let missing: String?
        /// Whether the worker's own module was not found.
        let isTarget: Bool
    }

    /// The interpreter's version: `3.11.7`.
    let python: String
    /// `sys.prefix`: the virtualenv, if it is in one.
    let prefix: String
    let basePrefix: String
    /// Why nothing was tried; nil if it was.
    let unsupported: String?
    /// The module's file.
    let origin: String?
    /// Whether only the import statements were executed.
    let onlyImports: Bool
    /// Whether the path was changed in a way that could not be followed: then a missing module may be there.
    let isUnsure: Bool
    /// Whether the module does nothing at all when it is run.
    let isIdle: Bool
    let failure: Failure?
    /// Whether the configured function is there; nil if none is configured.
    let hasFunction: Bool?
    /// The functions that are there.
    let functions: [String]
    /// On the monotonic clock, in seconds: the first statement of the probe.
    let begun: Double
    let importSeconds: Double
    /// What the module imports that takes longest.
    let slowest: (name: String, seconds: Double)?
    /// The largest resident memory, in bytes.
    let peakMemory: Int?
    /// Private memory that counts against `limits.max_memory_mb`, in bytes.
    let allocatedMemory: Int?
    /// Of `requirements.txt`.
    let missingRequirements: [String]
    let otherVersions: [String]

    /// nil if the value is no such report.
    init?(_ json: RawJSON) {
        guard let value = try? JSONValue(json), let python = value["python"]?.text, let begun = value["begun"]?.number
        else { return nil }
        self.python = python
        self.begun = begun
        prefix = value["prefix"]?.text ?? ""
        basePrefix = value["base_prefix"]?.text ?? ""
        unsupported = value["unsupported"]?.text
        origin = value["origin"]?.text
        onlyImports = value["only_imports"] == .bool(true)
        isUnsure = value["unsure"] == .bool(true)
        isIdle = value["idle"] == .bool(true)
        failure = value["error"].flatMap(Self.failure)
        hasFunction = value["has_function"].flatMap { $0 == .null ? nil : $0 == .bool(true) }
        functions = value["functions"]?.texts ?? []
        importSeconds = value["import_seconds"]?.number ?? 0
        if let name = value["slowest"]?.text, let seconds = value["slowest_seconds"]?.number {
            slowest = (name, seconds)
        } else {
            slowest = nil
        }
        peakMemory = value["peak_kilobytes"]?.number.map { Int($0) << 10 }
        allocatedMemory = value["data_kilobytes"]?.number.map { Int($0) << 10 }
        missingRequirements = value["missing"]?.texts ?? []
        otherVersions = value["other_versions"]?.texts ?? []
    }

    private static func failure(_ value: JSONValue) -> Failure? {
        guard let type = value["type"]?.text else { return nil }
        return Failure(
            type: type, message: value["message"]?.text ?? "", file: value["file"]?.text,
            line: value["line"]?.number.map { Int($0) }, missing: value["missing"]?.text,
            isTarget: value["is_target"] == .bool(true))
    }
}

extension JSONValue {
    fileprivate subscript(_ name: String) -> JSONValue? {
        if case .object(let members) = self { members[name] } else { nil }
    }

    fileprivate var text: String? {
        if case .string(let text) = self { text } else { nil }
    }

    /// Bounded, so that it fits into an Int whatever came.
    fileprivate var number: Double? {
        if case .number(let number) = self { min(max(number.double, -1e15), 1e15) } else { nil }
    }

    fileprivate var texts: [String] {
        if case .array(let items) = self { items.compactMap(\.text) } else { [] }
    }
}
