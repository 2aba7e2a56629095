import Foundation
import Testing

@testable import WorkerHostCore

/// The wording of every error of a configuration.
@Suite struct ErrorCatalogueTests {
    /// What is said about each mistake, and by which checks. Read once: some are large on purpose.
    private static let readings = MistakenConfiguration.all.map { mistake in
        let log = IssueLog(file: "host.yaml")
        let explanation = ConfigurationLoader(environment: mistake.environment, taskManagers: [.sqlite, .http])
            .explain(text: mistake.text, baseDirectory: "/srv/app", log: log)
        return (name: mistake.name, lines: explanation.errors.map(\.description), sites: log.sites)
    }

    @Test func everyErrorSaysWhatWhereAndWhatInstead() throws {
        var lines: [String] = []
        for reading in Self.readings {
            #expect(!reading.lines.isEmpty, "\(reading.name) is a mistake")
            lines.append("\(reading.name):")
            lines += reading.lines.map { "  \($0)" }
        }
        try Golden.check("configuration-errors.txt", lines)
    }

    /// What the table above does not reach, and why.
    private static let unreachable = [
        "YAMLDocument.swift: the file cannot be read as YAML": "Yams has no error of these kinds for a text",
        "SourceTreeBuilder.swift: this alias names nothing": "Yams finds it first; its words are in the table",
        "WorkerSchemaReader.swift: cannot be read: \\(error)": "only the two kinds of error above it are thrown",
    ]

    /// Each call that reports an error is reached by a line of the golden file.
    @Test func everyCheckIsReached() throws {
        let reached = Self.readings.reduce(into: Set<String>()) { $0.formUnion($1.sites) }
        var missed: [String] = []
        var calls = 0
        let folder = URL(filePath: #filePath)
            .appending(path: "../../../../Sources/WorkerHostCore/Configuration").standardizedFileURL
        let files = try FileManager.default.subpathsOfDirectory(atPath: folder.path).filter { $0.hasSuffix(".swift") }
        for file in files {
            let name = file.split(separator: "/").last.map(String.init) ?? file
            let source = try String(contentsOf: folder.appending(path: file), encoding: .utf8)
            let lines = source.split(separator: "\n", omittingEmptySubsequences: false)
            for (index, line) in lines.enumerated() where Self.reports(String(line)) {
                let call = lines[index...].prefix(5).joined(separator: " ")
                // Passes on what another place has found.
                if call.contains("file: file") || call.contains("file: #fileID") { continue }
                calls += 1
                if reached.contains("WorkerHostCore/\(name):\(index + 1)") { continue }
                if Self.unreachable.keys.contains(where: { Self.describes($0, name, call) }) { continue }
                missed.append("\(name):\(index + 1): \(line.trimmingCharacters(in: .whitespaces))")
            }
        }
        #expect(missed == [])
        #expect(calls > 50)
    }

    private static func reports(_ line: String) -> Bool {
        guard !line.contains("func "), !line.trimmingCharacters(in: .whitespaces).hasPrefix("//") else { return false }
        return [".error(", "wrong(", ".require("].contains { line.contains($0) }
    }

    private static func describes(_ entry: String, _ name: String, _ call: String) -> Bool {
        let parts = entry.split(separator: ":", maxSplits: 1)
        return parts.count == 2 && parts[0] == name
            && call.contains(parts[1].trimmingCharacters(in: .whitespaces))
    }

    @Test func filesThatCannotBeRead() throws {
        let directory = NSTemporaryDirectory() + "workerhost-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        defer { _ = unlink(directory + "/latin1.yaml") }
        try Data([0x61, 0x3A, 0x20, 0x78, 0x0A, 0x62, 0x3A, 0x20, 0xE9]).write(
            to: URL(fileURLWithPath: directory + "/latin1.yaml"))
        func error(_ file: String) -> String {
            ConfigurationLoader(environment: [:]).explain(file: file).errors.map(\.description).joined(separator: "\n")
        }
        #expect(error("/no/such.yaml") == "/no/such.yaml: the configuration file does not exist: check the path")
        #expect(error("/tmp") == "/tmp: the configuration file is a directory: give the path of the file itself")
        #expect(
            error(directory + "/latin1.yaml")
                == "\(directory)/latin1.yaml:2: the configuration file is not UTF-8: save it in that encoding")
        #expect(error("/dev/zero") == "/dev/zero: the configuration file is larger than 16 MiB: is it the right file?")
    }
}
