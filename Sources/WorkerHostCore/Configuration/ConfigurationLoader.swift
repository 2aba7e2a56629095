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
        let bytes: [UInt8]
        do {
            bytes = try TextFile.bytes(of: file)
        } catch {
            throw ConfigurationError(issues: [
                ConfigurationIssue(file: file, message: "the configuration file \(error.text)")
            ])
        }
        guard let text = String(validating: bytes, as: UTF8.self) else {
            let before = String(decoding: bytes, as: UTF8.self).prefix { $0 != "\u{FFFD}" }
            throw ConfigurationError(issues: [
                ConfigurationIssue(
                    file: file, line: before.count { $0.isNewline } + 1,
                    message: "the configuration file is not UTF-8: save it in that encoding")
            ])
        }
        let directory = file.lastIndex(of: "/").map { $0 == file.startIndex ? "/" : String(file[..<$0]) } ?? "."
        return try load(text: text, name: file, baseDirectory: directory)
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
        let log = IssueLog(file: name)
        let document = YAMLDocument(parsing: text.first == "\u{FEFF}" ? String(text.dropFirst()) : text, log: log)
        var configuration: HostConfiguration?
        if let root = document.root {
            var builder = SourceTreeBuilder(log: log, renamedKeys: document.renamedKeys, environment: environment)
            var tree = builder.build(root)
            if builder.isComplete {
                configuration = read(&tree, log, baseDirectory)
            }
        }
        if let configuration, log.errors.isEmpty {
            return LoadedConfiguration(
                configuration: configuration, warnings: IssueLog.sorted(log.warnings), text: text)
        }
        throw ConfigurationError(issues: IssueLog.sorted(log.errors))
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
