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
            throw CommandFailure(
                .usage,
                "The configuration has \(HumanText.count(error.issues.count, "error")):\n"
                    + error.issues.map { PlainText.singleLine($0.description) }.joined(separator: "\n"))
        }
    }

    /// Reads configurations for this program.
    static var loader: ConfigurationLoader {
        ConfigurationLoader(
            environment: ProcessInfo.processInfo.environment,
            taskManagers: AdapterFactory.available)
    }
}
