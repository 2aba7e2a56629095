import ArgumentParser
import Foundation
import WorkerHostCore

/// What every command takes.
struct GlobalOptions: ParsableArguments {
    /// The variable that names the configuration where `--config` does not.
    static let variable = "WORKERHOST_CONFIG"
    private static let usual = "workerhost.yaml"

    @Option(
        name: .long,
        help: ArgumentHelp(
            "The configuration, YAML or JSON (default: $WORKERHOST_CONFIG, then ./workerhost.yaml).", valueName: "file"),
        completion: .file(extensions: ["yaml", "yml", "json"])
    )
    var config: String?

    /// The file to load.
    /// - Throws: ``CommandFailure`` if none is named and the usual one does not exist.
    func file() throws(CommandFailure) -> String {
        if let config { return config }
        if let named = ProcessInfo.processInfo.environment[Self.variable], !named.isEmpty { return named }
        if FileManager.default.fileExists(atPath: Self.usual) { return Self.usual }
        throw CommandFailure(
            .usage,
            "No configuration: name a file with --config or in \(Self.variable), or write ./\(Self.usual).")
    }

    /// The configuration.
    /// - Throws: ``CommandFailure`` with everything that is wrong with it.
    func load() throws(CommandFailure) -> LoadedConfiguration { try Self.load(file()) }

    /// The configuration in this file.
    /// - Throws: ``CommandFailure`` with everything that is wrong with it.
    static func load(_ file: String) throws(CommandFailure) -> LoadedConfiguration {
        do throws(ConfigurationError) {
            return try loader.load(file: file)
        } catch {
            throw CommandFailure(error)
        }
    }

    /// The configuration for commands that only look. If the file is broken while a host runs that was started from it,
    /// what that host has in force is taken: the very moment in which one wants to look.
    /// - Throws: ``CommandFailure`` with everything that is wrong with the file.
    func loadToLook() throws(CommandFailure) -> HostConfiguration {
        do throws(CommandFailure) {
            return try load().configuration
        } catch {
            guard let file = try? file(), let (record, configuration) = Self.inForce(file) else { throw error }
            Talk.shared.line(
                "workerhost: The configuration has errors ('workerhost validate' lists them). What follows is by the one "
                    + "that the host with process \(record.process.pid) has in force.")
            return configuration
        }
    }

    /// What a living host has in force that was started from the file.
    private static func inForce(_ file: String) -> (HostRecord, HostConfiguration)? {
        let place = URL(fileURLWithPath: file)
        let base = place.deletingLastPathComponent().path
        let given = loader.explain(file: file)["state_dir"].flatMap { $0.value == nil ? nil : $0.text }
        let directory = HostRecordDirectory(stateDirectory: given ?? base + "/state")
        for record in directory.living() where record.file == place.path {
            // One that cannot be read either is no help; what is wrong with the file is said then.
            guard let text = directory.text(of: record.id),
                let loaded = try? loader.load(text: text, name: record.file, baseDirectory: base)
            else { continue }
            return (record, loaded.configuration)
        }
        return nil
    }

    /// Reads configurations for this program.
    static var loader: ConfigurationLoader {
        ConfigurationLoader(
            environment: ProcessInfo.processInfo.environment,
            taskManagers: AdapterFactory.available)
    }
}

extension CommandFailure {
    /// A configuration that cannot be used: everything that is wrong with it.
    init(_ error: ConfigurationError) {
        self.init(
            .usage,
            "The configuration has \(HumanText.count(error.issues.count, "error")):\n"
                + error.issues.map { PlainText.singleLine($0.description) }.joined(separator: "\n"))
    }
}
