import Foundation
import Testing

@testable import WorkerHostCore

/// The wording of everything that keeps a worker from being started, each really provoked.
@Suite struct StartErrorTests {
    private let directory: String

    init() throws {
        directory = NSTemporaryDirectory() + "workerhost-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
    }

    private func write(_ name: String, _ content: String, mode: Int = 0o755) throws -> String {
        let path = "\(directory)/\(name)"
        try Data(content.utf8).write(to: URL(fileURLWithPath: path))
        try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: path)
        return path
    }

    private func link(_ name: String, to target: String) throws -> String {
        try FileManager.default.createSymbolicLink(atPath: "\(directory)/\(name)", withDestinationPath: target)
        return "\(directory)/\(name)"
    }

    /// What is said about a worker with this program.
    private func message(
        _ program: String..., configure: (inout WorkerConfiguration) -> Void = { _ in }
    ) async -> String {
        let outcome = await FaultChild.run("ok") {
            $0.name = "w"
            $0.command = program
            configure(&$0)
        }
        #expect(outcome.failure?.kind == .startFailed)
        #expect(outcome.failure?.isRetriable == true)
        return (outcome.failure?.message ?? "it ran")
            .replacing(directory, with: "DIR").replacing("user \(geteuid())", with: "user UID")
    }

    @Test func everyFailureNamesTheWorkerThePathTheReasonAndWhatToDo() async throws {
        defer { removeAll() }
        let good = try write("good", "#!/bin/sh\n")
        var lines: [String] = []
        func add(_ name: String, _ message: String) { lines += ["\(name):", "  \(message)"] }
        add("no such program in PATH", await message("no-such-program"))
        add("no such file", await message("\(directory)/missing"))
        add("no such directory above it", await message("\(directory)/none/bin/python"))
        add("a link to nothing", await message(try link("python", to: "/gone/python3")))
        add("links in a circle", await message(try link("circle", to: "circle")))
        add("a file as directory", await message("\(good)/python"))
        add("a directory", await message(directory))
        add("not executable", await message(try write("plain", "#!/bin/sh\n", mode: 0o644)))
        add("an interpreter that is missing", await message(try write("bang", "#!/no/such/python -u\n")))
        add("lines that end as on Windows", await message(try write("crlf", "#!/bin/sh\r\necho\r\n")))
        add("no first line", await message(try write("text", "echo hello\n")))
        add("a broken binary", await message(try write("elf", "\u{7F}ELF not really\n")))
        add(
            "a name that is too long",
            await message("/" + String(repeating: "x", count: 300)).replacing(
                String(repeating: "x", count: 300), with: "x…"))
        add(
            "too large an environment",
            await message(good) { $0.environment = ["BIG": String(repeating: "x", count: 200_000)] })
        add("no such project_path", await message(good) { $0.projectPath = "\(directory)/none" })
        add("a file as project_path", await message(good) { $0.projectPath = good })
        try Golden.check("start-errors.txt", lines)
    }

    /// The machine's own limits cannot be reached here without hitting other tests; `HostHealthTests` does it for the
    /// open files of a whole host.
    @Test func scarcityNamesWhatIsScarceAndHowToGetMore() throws {
        let plan = LaunchPlan(commandLine: ["/bin/true"], directory: "/", environment: [:], limits: [])
        let codes = [EMFILE, ENFILE, EAGAIN, ENOMEM, EPERM, EIO]
        var lines = codes.map { StartError(worker: "w", plan: plan, code: $0, stage: 0).description }
        lines.append(StartError(worker: "w", plan: plan, code: EPERM, stage: 5).description)
        lines.append(StartError(worker: "w", plan: plan, code: EACCES, stage: 4).description)
        lines.append(StartError(worker: "w", plan: plan, code: ETXTBSY, stage: 6).description)
        lines.append(StartError(worker: "w", plan: plan, code: ENOMEM, stage: 6).description)
        try Golden.check(
            "scarcity.txt", lines.map { $0.replacing("user \(geteuid())", with: "user UID") })
    }

    private func removeAll() {
        do { try FileManager.default.removeItem(atPath: directory) } catch { Issue.record(error) }
    }
}
