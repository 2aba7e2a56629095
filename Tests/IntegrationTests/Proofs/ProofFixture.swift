import Foundation
import Testing

/// A queue of its own, misbehaving workers, and hosts as real processes.
struct ProofFixture {
    let scratch: ScratchDirectory
    let runner: CommandRunner

    /// The worker that misbehaves on demand.
    static var faultChild: String { CommandRunner.buildDirectory + "/faultchild" }

    /// - Parameters:
    ///   - workers: the lines of `workers`; `FAULT` stands for the misbehaving worker.
    ///   - queue: more of `task_manager`.
    ///   - extra: more sections.
    init(_ workers: [String], queue: String = "", extra: String = "") throws {
        scratch = try ScratchDirectory()
        var runner = CommandRunner.workerhost.inside(scratch.path)
        runner.bound = .seconds(240)
        self.runner = runner
        let lines = workers.map { "  - \($0.replacingOccurrences(of: "FAULT", with: Self.faultChild))" }
        try scratch.write(
            "workerhost.yaml",
            """
            version: "1.0"
            task_manager: {type: sqlite, retry_backoff: 0.01\(queue)}
            workers:
            \(lines.joined(separator: "\n"))
            \(extra)
            """)
    }

    /// Writes a worker of `sh`.
    func script(_ name: String, _ body: String) throws {
        let path = try scratch.write(name, "#!/bin/sh\n\(body)\n")
        try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: path)
    }

    /// Adds tasks, given as JSON lines.
    func submit(_ lines: [String]) async throws {
        let outcome = try await runner.run(["submit", "-"], input: .text(lines.joined(separator: "\n") + "\n"))
        try #require(outcome.code == 0, "\(outcome)")
    }

    func submit(_ count: Int, type: String = "T") async throws {
        try await submit((0..<count).map { #"{"type":"\#(type)","params":{"n":\#($0)}}"# })
    }

    func counts() async throws -> [String: Int] {
        let outcome = try await runner.run(["status", "--json"])
        let status = try #require(try outcome.json() as? [String: Any], "\(outcome)")
        return try #require(status["tasks"] as? [String: Int])
    }

    func tasks() async throws -> [[String: Any]] {
        let outcome = try await runner.run(["tasks", "--json", "--limit", "100000"])
        return try #require(try outcome.json() as? [[String: Any]], "\(outcome)")
    }

    /// How many lines a file of the fixture has; none if it is not there yet.
    func lines(of file: String) -> [Substring] {
        guard let text = try? scratch.read(file) else { return [] }
        return text.split(separator: "\n")
    }

    /// The processes that work in this fixture's directory, by pid; of the program of that name, if given.
    func processes(_ name: String? = nil) -> [Int32] {
        let entries = (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []
        return entries.compactMap(Int32.init).filter { pid in
            // Processes end while they are looked at.
            guard let directory = try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/\(pid)/cwd"),
                directory == scratch.path
            else { return false }
            guard let name else { return true }
            return (try? String(contentsOfFile: "/proc/\(pid)/comm", encoding: .utf8))?.hasPrefix(name) == true
        }
    }
}

/// What the kernel says about a process.
enum ProcessFacts {
    /// A line of its status, in the unit that stands there (KiB for memory).
    static func status(_ pid: Int32, _ key: String) -> Int? {
        guard let text = try? String(contentsOfFile: "/proc/\(pid)/status", encoding: .utf8) else { return nil }
        let line = text.split(separator: "\n").first { $0.hasPrefix(key + ":") }
        return line?.split(whereSeparator: { " \t".contains($0) }).dropFirst().first.flatMap { Int($0) }
    }

    /// Processor time used so far, in ticks of 10 ms.
    static func processorTicks(_ pid: Int32) -> Int? {
        guard let text = try? String(contentsOfFile: "/proc/\(pid)/stat", encoding: .utf8),
            let close = text.lastIndex(of: ")")
        else { return nil }
        let fields = text[close...].split(separator: " ")
        guard fields.count > 13, let user = Int(fields[12]), let system = Int(fields[13]) else { return nil }
        return user + system
    }
}
