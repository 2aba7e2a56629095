/// Reads a host's configuration from YAML or JSON, with variables put in and overrides laid over it.
///
/// Everything that is wrong is reported at once. Paths are made absolute but need not exist: a worker that is missing
/// stops that worker, not the host.
public struct ConfigurationLoader: Sendable {
    private let environment: [String: String]
    private let taskManagers: [TaskManagerConfiguration.Kind]

    /// A loader.
    /// - Parameters:
    ///   - environment: the variables for `${NAME}` and the `WORKERHOST_…` overrides; also `HOME` and `PATH`.
    ///   - taskManagers: the kinds of TaskManager that the program has an adapter for.
    public init(environment: [String: String], taskManagers: [TaskManagerConfiguration.Kind] = [.sqlite]) {
        self.environment = environment
        self.taskManagers = taskManagers
    }

    /// The paths of all keys that a file may have, for example `workers[].limits.max_open_files`.
    public static var knownKeys: [String] { ConfigurationKeys.allPaths }

    /// Loads a file; relative paths in it are relative to its directory.
    /// - Throws: ``ConfigurationError`` with everything that is wrong.
    public func load(file: String) throws(ConfigurationError) -> LoadedConfiguration {
        try Self.loaded(explain(file: file))
    }

    /// Loads a text.
    /// - Parameters:
    ///   - text: YAML or JSON.
    ///   - name: stands in issues where a file's name would.
    ///   - baseDirectory: what relative paths are relative to; may itself be relative to the current directory.
    /// - Throws: ``ConfigurationError`` with everything that is wrong.
    public func load(
        text: String, name: String, baseDirectory: String
    ) throws(ConfigurationError) -> LoadedConfiguration {
        try Self.loaded(explain(text: text, name: name, baseDirectory: baseDirectory))
    }

    private static func loaded(
        _ explanation: ConfigurationExplanation
    ) throws(ConfigurationError) -> LoadedConfiguration {
        guard let configuration = explanation.configuration else {
            throw ConfigurationError(issues: explanation.errors)
        }
        return LoadedConfiguration(
            configuration: configuration, warnings: explanation.warnings, text: explanation.text)
    }

    /// Tells of each key of a file what holds and where it comes from; relative paths in it are relative to its
    /// directory.
    ///
    /// Never fails: what is wrong with the file is part of the explanation, with the keys that could be read.
    public func explain(file: String) -> ConfigurationExplanation {
        let bytes: [UInt8]
        do {
            bytes = try TextFile.bytes(of: file)
        } catch {
            return Self.unreadable(ConfigurationIssue(file: file, message: "the configuration file \(error.text)"))
        }
        guard let text = String(validating: bytes, as: UTF8.self) else {
            let before = String(decoding: bytes, as: UTF8.self).prefix { $0 != "\u{FFFD}" }
            return Self.unreadable(
                ConfigurationIssue(
                    file: file, line: before.count { $0.isNewline } + 1,
                    message: "the configuration file is not UTF-8: save it in that encoding"))
        }
        let directory = file.lastIndex(of: "/").map { $0 == file.startIndex ? "/" : String(file[..<$0]) } ?? "."
        return explain(text: text, name: file, baseDirectory: directory)
    }

    private static func unreadable(_ issue: ConfigurationIssue) -> ConfigurationExplanation {
        ConfigurationExplanation(file: issue.file, facts: [], errors: [issue], warnings: [])
    }

    /// Tells of each key of a text what holds and where it comes from.
    /// - Parameters:
    ///   - text: YAML or JSON.
    ///   - name: stands in issues where a file's name would.
    ///   - baseDirectory: what relative paths are relative to; may itself be relative to the current directory.
    public func explain(text: String, name: String, baseDirectory: String) -> ConfigurationExplanation {
        explain(text: text, baseDirectory: baseDirectory, log: IssueLog(file: name))
    }

    func explain(text: String, baseDirectory: String, log: IssueLog) -> ConfigurationExplanation {
        let document = YAMLDocument(parsing: text.first == "\u{FEFF}" ? String(text.dropFirst()) : text, log: log)
        var configuration: HostConfiguration?
        if let root = document.root {
            var builder = SourceTreeBuilder(log: log, renamedKeys: document.renamedKeys, environment: environment)
            var tree = builder.build(root)
            if builder.isComplete {
                configuration = read(&tree, log, baseDirectory)
            }
        }
        let errors = IssueLog.sorted(log.errors)
        let warnings = IssueLog.sorted(log.warnings)
        return ConfigurationExplanation(
            file: log.file, facts: log.facts.finished(errors + warnings), errors: errors, warnings: warnings,
            configuration: errors.isEmpty ? configuration : nil, text: text)
    }

    private func read(_ tree: inout SourceNode, _ log: IssueLog, _ baseDirectory: String) -> HostConfiguration? {
        switch tree.content {
        case .map: break
        case .null:
            log.error(nil, "", "the file is empty", expected: "at least 'task_manager' and 'workers'")
            return nil
        default:
            log.error(
                tree.origin, "", "the file holds \(tree.kind)",
                expected: "a mapping with at least 'task_manager' and 'workers'")
            return nil
        }
        EnvironmentOverrides(environment: environment, log: log).apply(to: &tree)
        let paths = PathResolver(baseDirectory: baseDirectory, environment: environment)
        return ConfigurationReader(log: log, paths: paths, availableTaskManagers: taskManagers).read(tree)
    }
}
