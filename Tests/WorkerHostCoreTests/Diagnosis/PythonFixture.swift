import Foundation

@testable import WorkerHostCore

/// A worker in a real virtualenv, which is made once and copied for each test.
final class PythonFixture {
    let root: String
    var worker: WorkerConfiguration
    var environment = ["PATH": "/usr/bin:/bin"]
    var virtualenv: String { root + "/venv" }
    var project: String { root + "/project" }
    var deadline = Duration.seconds(60)

    /// The directory of the shared virtualenv, and the version of its Python; empty texts where there is no Python.
    private static let shared: (root: String, version: String) = {
        let root = NSTemporaryDirectory() + "whd-venv-\(UInt64.random(in: .min ... .max))"
        atexit { PythonFixture.removeShared() }
        let version = output([
            "/usr/bin/env", "python3", "-c",
            "import sys, venv; venv.create(sys.argv[1]); print('%d.%d' % sys.version_info[:2])", root,
        ])
        return (root, version)
    }()

    private static func removeShared() {
        do { try FileManager.default.removeItem(atPath: shared.root) } catch { print("not removed: \(error)") }
    }

    /// `3.11`
    static var version: String { shared.version }

    init(_ module: String = "import json\n\nif __name__ == '__main__':\n    print('{}')\n") throws {
        root = FileManager.default.temporaryDirectory.path + "/whd-\(UInt64.random(in: .min ... .max))"
        try FileManager.default.createDirectory(atPath: root + "/project", withIntermediateDirectories: true)
        try FileManager.default.copyItem(atPath: Self.shared.root, toPath: root + "/venv")
        worker = WorkerConfiguration(
            name: "w", projectPath: root + "/project", venvPython: root + "/venv/bin/python", module: "job",
            taskTypes: ["T"], concurrency: 1)
        // The copy is as if it had been made here.
        for file in ["pyvenv.cfg", "bin/activate"] {
            let path = "\(virtualenv)/\(file)"
            let text = try String(contentsOfFile: path, encoding: .utf8)
            try text.replacingOccurrences(of: Self.shared.root, with: virtualenv)
                .write(toFile: path, atomically: false, encoding: .utf8)
        }
        try write("project/job.py", module)
    }

    deinit {
        do { try FileManager.default.removeItem(atPath: root) } catch { print("not removed: \(error)") }
    }

    func write(_ name: String, _ text: String, mode: Int = 0o644) throws {
        let path = "\(root)/\(name)"
        try FileManager.default.createDirectory(
            atPath: (path as NSString).deletingLastPathComponent, withIntermediateDirectories: true)
        try text.write(toFile: path, atomically: false, encoding: .utf8)
        try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: path)
    }

    func replace(_ name: String, _ old: String, _ new: String) throws {
        let path = "\(root)/\(name)"
        let text = try String(contentsOfFile: path, encoding: .utf8)
        try text.replacingOccurrences(of: old, with: new).write(toFile: path, atomically: false, encoding: .utf8)
    }

    func examine() async throws -> [Diagnosis] {
        let configuration = HostConfiguration(
            taskManager: TaskManagerConfiguration(kind: .sqlite), workers: [worker], stateDirectory: root)
        let doctor = Doctor(configuration, environment: environment, deadlines: .init(probe: deadline))
        return await doctor.examine(worker: "w") ?? []
    }

    /// What a program prints, without the line end.
    private static func output(_ words: [String]) -> String {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: words[0])
        process.arguments = Array(words.dropFirst())
        let pipe = Pipe()
        process.standardOutput = pipe
        do { try process.run() } catch { return "" }
        let data = pipe.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        return String(decoding: data, as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines)
    }
}
