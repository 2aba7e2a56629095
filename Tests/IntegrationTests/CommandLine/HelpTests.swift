import Foundation
import Testing

/// The help of every command, also of those that a command groups.
struct HelpTests {
    private struct Dump: Decodable {
        struct Command: Decodable {
            let commandName: String
            let subcommands: [Command]?
        }
        let command: Command
    }

    @Test func everyCommandHasAnExample() async throws {
        let dump = try await CommandRunner.workerhost.run(["--experimental-dump-help"])
        let root = try JSONDecoder().decode(Dump.self, from: Data(dump.output)).command
        let paths = Self.paths(root, [])
        #expect(paths.count >= 8)
        for path in paths {
            let help = try await CommandRunner.workerhost.run(path + ["--help"])
            let name = (["workerhost"] + path).joined(separator: " ")
            #expect(help.code == 0)
            let hasExample = help.lines.contains { $0.hasPrefix("  \(name) ") || $0 == "  \(name)" }
            #expect(hasExample, "the help of '\(name)' has an example")
            #expect(help.text.contains("OVERVIEW: ") && help.text.contains("USAGE: \(name)"), "\(help)")
        }
    }

    private static func paths(_ command: Dump.Command, _ path: [String]) -> [[String]] {
        let below = (command.subcommands ?? []).filter { $0.commandName != "help" }
        return [path] + below.flatMap { paths($0, path + [$0.commandName]) }
    }
}
