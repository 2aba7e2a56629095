import Foundation
import Synchronization
import Testing

#if canImport(Glibc)
    import Glibc
#endif

/// C2, C3, C6, C7, E2: nothing that a worker does, and no odd place to start it, hurts the host process.
@Suite struct HostHealthTests {
    private static let ok = "{name: ok, project_path: ., command: [FAULT, ok], task_types: [T]}"

    /// The host, started by a shell that first does something to itself.
    private func start(_ fixture: ProofFixture, _ preparation: String, _ arguments: String...) throws -> RunningCommand
    {
        var runner = fixture.runner
        let program = runner.executable
        runner.executable = "/bin/sh"
        return try runner.start(["-c", "\(preparation)\nexec \"$@\"", "sh", program] + arguments)
    }

    /// C2, E2: a gibibyte of standard error without a line end, and much of it in lines, and its lines are wanted in the log.
    @Test(arguments: [(1 << 30, ""), (128 << 20, ", lines")])
    func aFloodOfWordsStaysSmall(_ bytes: Int, _ lines: String) async throws {
        let fixture = try ProofFixture(
            ["{name: f, project_path: ., command: [FAULT, flood-stderr, '\(bytes)'\(lines)], task_types: [T]}"],
            extra:
                "logging: {level: INFO, file: logs/host.log, max_bytes: 1000000, backup_count: 1, capture_worker_output: true}"
        )
        try await fixture.submit(1)
        let host = try fixture.runner.start(["run", "--until-idle"])
        let peak = PeakMemory(host.pid)
        let outcome = await host.outcome()
        #expect(outcome.code == 0 && outcome.errorText.contains("1 completed"), "\(outcome)")
        // A host without a flood takes some 40 MiB in a debug build.
        let kibibytes = peak.highest
        #expect(kibibytes > 0 && kibibytes < 100 << 10, "\(kibibytes) KiB")
        let log = try FileManager.default.attributesOfItem(atPath: fixture.scratch.file("logs/host.log"))
        #expect((log[.size] as? Int ?? .max) <= 1_100_000)
    }

    /// C3: workers that close or never read their input, under both dispositions of SIGPIPE in the host.
    @Test(arguments: ["trap '' PIPE", "trap - PIPE"])
    func earlyClosedInputNeverHurtsTheHost(_ preparation: String) async throws {
        let reply = #"echo '{"success":true,"result":1}'"#
        let fixture = try ProofFixture([
            "{name: a, project_path: ., command: [./head.sh], task_types: [Head], max_retries: 1}",
            "{name: b, project_path: ., command: ['true'], task_types: [Exits], max_retries: 1}",
            "{name: c, project_path: ., command: [./close.sh], task_types: [Close], max_retries: 1}",
            "{name: d, project_path: ., command: [FAULT, describe], task_types: [Describe], max_retries: 1}",
        ])
        try fixture.script("head.sh", "head -c1 >/dev/null; \(reply)")
        try fixture.script("close.sh", "exec 0<&-; sleep 0.1; \(reply)")
        let filler = String(repeating: "x", count: 10 << 20)
        for type in ["Head", "Exits", "Close", "Describe"] {
            try await fixture.submit([#"{"type":"\#(type)","params":{"text":"\#(filler)"}}"#])
        }
        let outcome = try await start(fixture, preparation, "run", "--until-idle").outcome()
        #expect(outcome.code == 1, "\(outcome)")
        let tasks = try await fixture.tasks().reduce(into: [:]) { $0[$1["type"] as? String ?? ""] = $1 }
        #expect(tasks["Head"]?["status"] as? String == "completed")
        #expect(tasks["Close"]?["status"] as? String == "completed")
        #expect((tasks["Exits"]?["error"] as? [String: Any])?["kind"] as? String == "protocol_violation")
        let described = try #require(tasks["Describe"]?["result"] as? [String: Any])
        #expect(described["ignored"] as? Int == 0, "workers have SIGPIPE at its default")
        #expect(described["blocked"] as? Int == 0)
    }

    /// Descriptors 0, 1 and 2 are closed at the start: nothing the host opens may land there.
    @Test(arguments: ["exec 0<&- 1>&- 2>&-", "exec 2>&-", "exec 0<&-"])
    func closedStandardDescriptorsAreNoTrap(_ preparation: String) async throws {
        let fixture = try ProofFixture(
            [
                "{name: d, project_path: ., command: [FAULT, describe], task_types: [T], concurrency: 2}",
                "{name: e, project_path: ., command: [./env.sh], task_types: [E]}",
            ], extra: "logging: {level: DEBUG}")
        try fixture.script(
            "env.sh",
            """
            read task; readlink /proc/$PPID/fd/0 /proc/$PPID/fd/1 /proc/$PPID/fd/2 > host-descriptors
            echo '{"success":true,"result":1}'
            """)
        try await fixture.submit(10)
        try await fixture.submit(1, type: "E")
        let outcome = try await start(fixture, preparation, "run", "--until-idle").outcome()
        #expect(outcome.code == 0 && !outcome.overran, "\(outcome)")
        let tasks = try await fixture.tasks()
        #expect(tasks.count == 11 && tasks.allSatisfy { $0["status"] as? String == "completed" })
        for task in tasks where task["type"] as? String == "T" {
            #expect((task["result"] as? [String: Any])?["descriptors"] as? [Int] == [0, 1, 2])
        }
        let descriptors = fixture.lines(of: "host-descriptors")
        #expect(descriptors.count == 3)
        for line in descriptors { #expect(line == "/dev/null" || line.hasPrefix("pipe:"), "\(line)") }
        #expect(descriptors.contains("/dev/null"))
        #expect(fixture.scratch.isSound(queue: "state/queue.sqlite"))
    }

    /// C7: a huge limit of descriptors is not passed on unbounded, and a tiny one gives typed failures, no losses.
    @Test func descriptorLimitsOfTheHost() async throws {
        let fixture = try ProofFixture(["{name: d, project_path: ., command: [FAULT, describe], task_types: [T]}"])
        try await fixture.submit(1)
        let outcome = try await start(fixture, "ulimit -n $(ulimit -Hn)", "run", "--until-idle").outcome()
        #expect(outcome.code == 0, "\(outcome)")
        let limit = try await (fixture.tasks().first?["result"] as? [String: Any])?["fileLimit"] as? Int
        #expect((1...1 << 20).contains(limit ?? 0), "\(limit ?? 0)")
    }

    @Test func aHostOutOfDescriptorsSaysSoAndRecovers() async throws {
        let fixture = try ProofFixture(
            ["{name: w, project_path: ., command: [./work.sh], task_types: [T], concurrency: 12, max_retries: 1}"])
        try fixture.script("work.sh", #"read task; sleep 0.1; echo '{"success":true,"result":1}'"#)
        try await fixture.submit(60)
        for limit in [36, 64] {
            let outcome = try await start(fixture, "ulimit -n \(limit)", "run", "--until-idle").outcome()
            #expect(!outcome.overran && [0, 1].contains(outcome.code), "\(outcome)")
            let advice = outcome.errorText.lowercased().contains("raise the limit of open files")
            #expect((outcome.errorText.contains("Too many open files") && advice) || outcome.code == 0, "\(outcome)")
            let counts = try await fixture.counts()
            #expect(counts["failed"] == 0 && counts["running"] == 0, "\(counts)")
        }
        let outcome = try await fixture.runner.run(["run", "--until-idle"])
        #expect(outcome.code == 0, "\(outcome)")
        #expect(try await fixture.counts()["completed"] == 60)
        let attempts = try await fixture.tasks().compactMap { $0["attempts"] as? Int }
        #expect(attempts.allSatisfy { $0 == 1 }, "what could not be started spends no attempt")
    }

    /// A host that drains waits; it does not spin.
    @Test func drainingUsesNoProcessorTime() async throws {
        let fixture = try ProofFixture(
            ["{name: w, project_path: ., command: [./work.sh], task_types: [T], concurrency: 1}"])
        try fixture.script(
            "work.sh",
            """
            read task
            case $task in *'"wait":true'*) echo here >> started; while [ ! -e go ]; do sleep 0.05; done;; esac
            echo '{"success":true,"result":1}'
            """)
        try await fixture.submit([#"{"type":"T","params":{}}"#])
        let host = try fixture.runner.start(["run"])
        // The host has been without a task once.
        #expect(await host.wait { $0.errorSoFar.contains("task completed") })
        try await fixture.submit([#"{"type":"T","params":{"wait":true}}"#])
        #expect(await eventually { fixture.lines(of: "started").count == 1 })
        host.signal(SIGTERM)
        #expect(await host.wait { $0.errorSoFar.contains("host is draining") })
        let before = try #require(ProcessFacts.processorTicks(host.pid))
        await sleep(1)
        let used = try #require(ProcessFacts.processorTicks(host.pid)) - before
        // The sweep for leftovers and the logs take some; a loop that spins takes a hundred.
        #expect(used < 25, "\(used) ticks of 10 ms in a second")
        try fixture.scratch.write("go", "")
        #expect(await host.outcome().code == 0)
    }

    /// A1: the disk is full while workers answer; what they said is kept and reported when there is room again.
    @Test(.enabled(if: Tmpfs.isPermitted, "mounting a small disk needs privileges"))
    func aFullDiskDelaysReportsAndLosesNone() async throws {
        let fixture = try ProofFixture(
            ["{name: w, project_path: ., command: [./work.sh], task_types: [T], concurrency: 2, max_retries: 1}"],
            queue: ", path: disk/queue.sqlite")
        let disk = try Tmpfs(fixture.scratch.file("disk"), megabytes: 2)
        defer { disk.unmount() }
        try fixture.script(
            "work.sh",
            """
            read task; echo ran >> runs; while [ ! -e go ]; do sleep 0.02; done
            printf '{"success":true,"result":"'; head -c 200000 /dev/zero | tr '\\0' x; echo '"}'
            """)
        try await fixture.submit(4)
        let host = try fixture.runner.start(["run", "--until-idle"])
        #expect(await eventually { fixture.lines(of: "runs").count == 2 })
        try disk.fill()
        try fixture.scratch.write("go", "")
        #expect(await host.wait { $0.errorSoFar.contains("TaskManager does not answer") })
        try disk.free()
        let outcome = await host.outcome()
        #expect(outcome.code == 0, "\(outcome)")
        #expect(outcome.errorText.components(separatedBy: "TaskManager does not answer").count == 2, "told once")
        #expect(outcome.errorText.contains("TaskManager answers again"))
        #expect(try await fixture.counts()["completed"] == 4)
        #expect(fixture.lines(of: "runs").count == 4, "none was repeated")
    }

    /// A1: a file that is no queue, or another program's, is left as it was.
    @Test(arguments: ["", "sqlite"])
    func aForeignFileIsLeftUntouched(_ kind: String) async throws {
        let fixture = try ProofFixture([Self.ok])
        try fixture.scratch.write("state/other", "")
        let path = fixture.scratch.file("state/queue.sqlite")
        if kind == "sqlite" {
            let made = try await CommandRunner(executable: "/usr/bin/env").run([
                "python3", "-c",
                "import sqlite3,sys; c=sqlite3.connect(sys.argv[1]); c.execute('create table mine(a)')",
                path,
            ])
            try #require(made.code == 0, "\(made)")
        } else {
            try fixture.scratch.write(
                "state/queue.sqlite", "SQLite format 3\0" + String(repeating: "damaged ", count: 999))
        }
        let before = FileManager.default.contents(atPath: path)
        let outcome = try await fixture.runner.run(["run", "--until-idle"])
        #expect(outcome.code == 3, "\(outcome)")
        #expect(outcome.errorText.contains(path))
        #expect(FileManager.default.contents(atPath: path) == before)
    }
}

/// Looks again and again at the memory of a process, from a thread of its own: the pool may be busy with other tests.
private final class PeakMemory: Sendable {
    private let peak = Mutex(0)

    init(_ pid: Int32) {
        let watcher = Thread { [self] in
            while let now = ProcessFacts.status(pid, "VmRSS") {
                peak.withLock { $0 = max($0, now) }
                usleep(10_000)
            }
        }
        watcher.start()
    }

    /// The most that was seen, in KiB.
    var highest: Int { peak.withLock { $0 } }
}

/// A small disk.
private struct Tmpfs {
    let path: String

    static let isPermitted = geteuid() == 0

    init(_ path: String, megabytes: Int) throws {
        self.path = path
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        try #require(mount("none", path, "tmpfs", 0, "size=\(megabytes)m") == 0, "mount: error \(errno)")
    }

    func fill() throws {
        try Data().write(to: URL(fileURLWithPath: path + "/filler"))
        let file = try #require(FileHandle(forWritingAtPath: path + "/filler"))
        let block = Data(count: 4096)
        // Until there is no room.
        do { while true { try file.write(contentsOf: block) } } catch { try file.close() }
    }

    func free() throws { try FileManager.default.removeItem(atPath: path + "/filler") }

    func unmount() { #expect(umount2(path, Int32(MNT_DETACH)) == 0) }
}

extension ScratchDirectory {
    /// Whether the queue can be read and holds no log lines or other bytes that do not belong there.
    fileprivate func isSound(queue: String) -> Bool {
        guard let head = FileManager.default.contents(atPath: file(queue))?.prefix(16) else { return false }
        return head == Data("SQLite format 3\0".utf8)
    }
}
