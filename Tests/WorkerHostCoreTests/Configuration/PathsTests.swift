import Foundation
import Testing
import WorkerHostCore

@Suite struct PathsTests {
    /// Calls `body` with a directory of its own, which is removed afterwards.
    private func withDirectory(_ body: (String) throws -> Void) throws {
        let directory = FileManager.default.temporaryDirectory.path + "/wh-paths-" + UUID().uuidString
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        defer { #expect(throws: Never.self) { try FileManager.default.removeItem(atPath: directory) } }
        try body(directory)
    }

    private func worker(
        _ lines: String, in directory: String, environment: [String: String] = [:]
    ) throws -> WorkerConfiguration {
        let text = "task_manager: {type: sqlite}\nworkers:\n  - name: a\n    task_types: [A]\n" + lines
        let loader = ConfigurationLoader(environment: environment)
        let loaded = try loader.load(text: text, name: "host.yaml", baseDirectory: directory)
        return try #require(loaded.configuration.workers.first)
    }

    @Test func aVirtualenvMayBeGivenByItsDirectoryAndItsLinkIsKept() throws {
        try withDirectory { directory in
            try FileManager.default.createDirectory(
                atPath: directory + "/venv/bin", withIntermediateDirectories: true)
            try FileManager.default.createSymbolicLink(
                atPath: directory + "/venv/bin/python", withDestinationPath: "/bin/sh")
            for written in ["venv", "./venv/", "venv/bin/python", directory + "/venv"] {
                let worker = try worker(
                    "    venv_python: \(written)\n    project_path: .\n    module: m\n", in: directory)
                #expect(worker.venvPython == directory + "/venv/bin/python")
                #expect(worker.projectPath == directory)
            }
        }
    }

    @Test func programsAreLookedForBesideTheFileAndThenInPath() throws {
        try withDirectory { directory in
            try Data().write(to: URL(filePath: directory + "/local"))
            let environment = ["PATH": "/nowhere:relative:/bin", "HOME": "/home/me"]
            func program(_ name: String) throws -> String? {
                try worker("    command: [\(name)]\n", in: directory, environment: environment).command?.first
            }
            #expect(try program("local") == directory + "/local")
            #expect(try program("sh") == "/bin/sh")
            #expect(try program("no-such-program") == "no-such-program")
            #expect(try program("bin/tool") == directory + "/bin/tool")
            #expect(try program("~/bin/tool") == "/home/me/bin/tool")
            #expect(try program("/srv//x/./y") == "/srv/x/y")
        }
    }

    @Test func aSchemaMayBeAFile() throws {
        try withDirectory { directory in
            try Data(#" {"type": "object"} "#.utf8).write(to: URL(filePath: directory + "/s.json"))
            let lines = "    command: [x]\n    schema: s.json\n"
            #expect(try worker(lines, in: directory).schema?.text == #"{"type": "object"}"#)
            try Data("{".utf8).write(to: URL(filePath: directory + "/s.json"))
            let error = #expect(throws: ConfigurationError.self) { try worker(lines, in: directory) }
            #expect(
                error?.description
                    == "host.yaml:6:13: workers[0].schema: the file \(directory)/s.json is not valid JSON: the JSON text "
                    + "ends in the middle of a value, at byte 1")
        }
    }
}
