import Foundation
import Testing

@testable import WorkerHostCore

/// Workers that cannot be started, and what is left behind by those that were.
@Suite struct StartTests {
    private static func temporaryFile(_ content: String, mode: Int) throws -> String {
        let path = NSTemporaryDirectory() + "workerhost-\(UUID().uuidString)"
        try Data(content.utf8).write(to: URL(fileURLWithPath: path))
        try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: path)
        return path
    }

    @Test func aMissingProgramIsNamed() async {
        let outcome = await FaultChild.run("ok") { $0.command = ["/no/such/venv/bin/python", "-m", "x"] }
        #expect(outcome.failure?.kind == .startFailed)
        #expect(
            outcome.failure?.message
                == "cannot start worker 'fault': /no/such/venv/bin/python: No such file or directory. Create the virtualenv, or correct venv_python or command."
        )
        #expect(outcome.record.pid == nil)
    }

    @Test func aMissingDirectoryIsNamed() async {
        let outcome = await FaultChild.run("ok") { $0.projectPath = "/no/such/project" }
        #expect(
            outcome.failure?.message
                == "cannot start worker 'fault': project_path /no/such/project: No such file or directory. Create the directory or correct project_path."
        )
    }

    @Test func aFileThatIsNotExecutableIsNamed() async throws {
        let path = try Self.temporaryFile("#!/bin/sh\n", mode: 0o600)
        let outcome = await FaultChild.run("ok") { $0.command = [path] }
        #expect(outcome.failure?.message.contains("Permission denied. Make it executable") == true)
    }

    @Test func aScriptWithAMissingInterpreterIsExplained() async throws {
        let path = try Self.temporaryFile("#!/no/such/interpreter\n", mode: 0o700)
        let outcome = await FaultChild.run("ok") { $0.command = [path] }
        #expect(outcome.failure?.message.contains("the interpreter that its first line names does not") == true)
    }

    @Test func programsAreFoundByThePathOfTheWorker() async {
        let outcome = await FaultChild.run("ok") {
            $0.command = ["sh", "-c", #"cat >/dev/null; echo '{"success":true,"result":"sh"}'"#]
        }
        #expect(outcome.value == "\"sh\"")
    }

    @Test func aPythonModuleThatFailsOnImportShowsItsTraceback() async throws {
        let directory = NSTemporaryDirectory() + "workerhost-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        try Data("import no_such_module\n".utf8).write(to: URL(fileURLWithPath: directory + "/broken.py"))
        let outcome = await FaultChild.run("ok") {
            $0.command = ["python3", "-m", "broken"]
            $0.projectPath = directory
        }
        #expect(outcome.failure?.kind == .retriable && outcome.failure?.exitCode == 1)
        #expect(outcome.failure?.standardErrorTail?.contains("No module named 'no_such_module'") == true)
        #expect(outcome.failure?.description == "ModuleNotFoundError: No module named 'no_such_module' (exit code 1)")
    }

    @Test func neitherSuccessNorFailureLeavesADescriptorOrAProcess() async throws {
        let good = SubprocessWorker(FaultChild.configuration(["ok"], concurrency: 2), environment: [:])
        let bad = SubprocessWorker(
            WorkerConfiguration(name: "bad", projectPath: "/tmp", command: ["/no/such"], taskTypes: ["*"]),
            environment: [:])
        _ = await FaultChild.run(good, FaultChild.task())
        _ = await FaultChild.run(bad, FaultChild.task())
        let before = try openDescriptors(of: good)
        for index in 0..<300 { _ = await FaultChild.run(good, FaultChild.task("t\(index)")) }
        for index in 0..<300 { _ = await FaultChild.run(bad, FaultChild.task("t\(index)")) }
        // Other tests run beside this one and open descriptors of their own for a while.
        #expect(try await eventually { try openDescriptors(of: good) <= before + 8 })
        await good.close()
        await bad.close()
    }

    private func openDescriptors(of worker: SubprocessWorker) throws -> Int {
        try FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd").count
    }
}

/// Grandchildren: in the group, in the group and quiet, escaped, escaped and holding the pipes.
@Suite struct GrandchildTests {
    private func pidFile() -> String { NSTemporaryDirectory() + "workerhost-\(UUID().uuidString).pid" }

    private func isAlive(_ file: String) throws -> Bool {
        let pid = try #require(Int32(String(contentsOfFile: file, encoding: .utf8)))
        return ProcessTable.startTicks(of: pid) != nil
    }

    @Test(arguments: ["grandchild", "quiet-grandchild"])
    func whatStaysInTheGroupIsKilledWithTheTask(_ behaviour: String) async throws {
        let file = pidFile()
        let outcome = await FaultChild.run(behaviour, file)
        #expect(outcome.value == #"{"ok":true}"#)
        #expect(outcome.record.incidents.map(\.kind) == (behaviour == "grandchild" ? ["grandchildren_killed"] : []))
        #expect(try await eventually { try !isAlive(file) })
    }

    @Test func anEscapedProcessThatHoldsThePipesDelaysTheTaskOnlyAMoment() async throws {
        let file = pidFile()
        let outcome = await FaultChild.run("loud-daemon", file)
        #expect(outcome.value == #"{"ok":true}"#)
        #expect(outcome.record.incidents.map(\.kind) == ["grandchildren_killed"])
        let pid = try #require(Int32(String(contentsOfFile: file, encoding: .utf8)))
        kill(pid, SIGKILL)
    }

    @Test(arguments: ["daemon", "loud-daemon"])
    func theSweepFindsWhatEscaped(_ behaviour: String) async throws {
        let file = pidFile()
        let mark = HostMark.own(hostID: "sweep-\(behaviour)")
        let services = LaneServices(emit: { _ in }, flightRecorder: nil, hostMark: mark.text, passesOutput: false)
        let worker = SubprocessWorker(
            FaultChild.configuration([behaviour, file]), environment: [:], services: services)
        let outcome = await FaultChild.run(worker, FaultChild.task("the/task"))
        await worker.close()
        #expect(outcome.value == #"{"ok":true}"#)
        #expect(try isAlive(file))
        let sweeper = LeftoverSweeper(own: mark)
        // Hosts that other tests have killed leave processes behind too, and any sweep takes them.
        let untouched = sweeper.sweep { $0 == "the/task/lease" }
        #expect(!untouched.contains { $0.lease == "the/task/lease" })
        let leftovers = sweeper.sweep { _ in false }
        #expect(leftovers.contains { $0.lease == "the/task/lease" && !$0.isOfDeadHost })
        #expect(try await eventually { try !isAlive(file) })
    }
}
