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

    @Test func aProgramThatIsBeingWrittenIsWaitedFor() async throws {
        let path = try Self.temporaryFile("", mode: 0o700)
        try FileManager.default.removeItem(atPath: path)
        try FileManager.default.copyItem(atPath: FaultChild.path, toPath: path)
        let writer = FileHandle(fileDescriptor: open(path, O_RDWR | O_CLOEXEC), closeOnDealloc: false)
        // From a thread of its own: the tests that run beside this one keep the others busy.
        Thread { [descriptor = writer.fileDescriptor] in
            usleep(50_000)
            close(descriptor)
        }.start()
        let outcome = await FaultChild.run("ok") { $0.command = [path, "ok"] }
        #expect(outcome.value == #"{"ok":true}"#)
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

    /// C6: 10,000 starts, a tenth of which fail.
    @Test func neitherSuccessNorFailureLeavesADescriptorAThreadOrAProcess() async throws {
        let good = SubprocessWorker(FaultChild.configuration(["ok"], concurrency: 2), environment: [:])
        let bad = SubprocessWorker(
            WorkerConfiguration(name: "bad", projectPath: "/tmp", command: ["/no/such"], taskTypes: ["*"]),
            environment: [:])
        #expect(await CountingSink.run(good, 10) == 10)
        #expect(await CountingSink.run(bad, 10) == 0)
        let before = try (open: entries("/proc/self/fd"), threads: entries("/proc/self/task"))
        async let succeeded = CountingSink.run(good, 9_000)
        async let failed = CountingSink.run(bad, 1_000)
        #expect(await succeeded == 9_000)
        #expect(await failed == 0)
        // Other tests run beside this one and open descriptors and threads of their own for a while.
        #expect(try await eventually { try entries("/proc/self/fd") <= before.open + 40 })
        #expect(try await eventually { try entries("/proc/self/task") <= before.threads + 40 })
        #expect(await eventually { zombies().isEmpty })
        await good.close()
        await bad.close()
    }

    private func entries(_ directory: String) throws -> Int {
        try FileManager.default.contentsOfDirectory(atPath: directory).count
    }

    /// Children of this process that nobody has reaped.
    private func zombies() -> [String] {
        ProcessTable.pids().compactMap { pid in
            // Processes end while they are looked at.
            guard let stat = try? String(contentsOfFile: "/proc/\(pid)/stat", encoding: .utf8),
                let close = stat.lastIndex(of: ")")
            else { return nil }
            let fields = stat[close...].split(separator: " ")
            return fields.count > 2 && fields[1] == "Z" && fields[2] == "\(getpid())" ? stat : nil
        }
    }
}

/// Waits for many outcomes.
private final class CountingSink: AttemptSink {
    private let state: Guarded<(rest: Int, succeeded: Int)>
    private let ended = Signal()

    private init(_ count: Int) { state = Guarded((count, 0)) }

    /// Runs so many tasks and tells how many succeeded.
    static func run(_ worker: SubprocessWorker, _ count: Int) async -> Int {
        let sink = CountingSink(count)
        worker.dispatch(
            (0..<count).map { LeasedTask(task: FaultChild.task("\($0)"), lease: Lease(token: "l")) }, to: sink)
        while sink.state.withLock({ $0.rest }) > 0 { await sink.ended.wait() }
        return sink.state.withLock { $0.succeeded }
    }

    func attemptEnded(_ outcome: AttemptOutcome) {
        let isLast = state.withLock { state in
            state.rest -= 1
            if case .success = outcome.result { state.succeeded += 1 }
            return state.rest == 0
        }
        if isLast { ended.fire() }
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
